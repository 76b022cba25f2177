package build

import "portico/internal/seal"

// keptObjects are the sealed texts of a deal, from its last build in whatever
// folder that was, by what they hold and the key: compressing them is most of
// what sealing costs. A pipeline that begins with an empty public/ profits from
// it; what did not change at all is left alone before it comes to this.
type keptObjects struct {
	before, now sealedTexts
	more        bool
}

// sealedTexts are objects by what they hold and the key.
type sealedTexts map[string][]byte

func (s *sealedTexts) code(c *coding) { codeMap(c, s, c.bytes) }

// keptName is what the cache calls those of a deal. Another version of the
// program may compress otherwise.
func (p *Project) keptName(folder string) string { return "sealed 2 " + p.opts.Program + " " + folder }

func (p *Project) keptObjects(folder string) *keptObjects {
	k := &keptObjects{now: sealedTexts{}}
	if p.opts.Program != "" && p.cache.decode(p.keptName(folder), &k.before) {
		return k
	}
	k.before = nil
	return k
}

func (k *keptObjects) cache() seal.Cache {
	return seal.Cache{
		Load: func(name string) []byte {
			if data := k.before[name]; data != nil {
				k.now[name] = data
				return data
			}
			return nil
		},
		Store: func(name string, sealed []byte) { k.now[name], k.more = sealed, true },
	}
}

// save those that the deal still has, if there are others than before.
func (k *keptObjects) save(p *Project, folder string) {
	if p.opts.Program != "" && (k.more || len(k.now) != len(k.before)) {
		p.cache.encode(p.keptName(folder), &k.now)
	}
}
