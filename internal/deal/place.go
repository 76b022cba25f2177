package deal

import "strconv"

// Path is the way to a value in a TOML file: table, id or index, key. It is a
// value of fixed size, since thousands are made and few are ever looked at.
type Path struct {
	steps [maxSteps]step
	n     int
}

// maxSteps is more than the deepest key of the format has; what is deeper is
// found at its parent.
const maxSteps = 8

// step is a name, or an index where the name is empty.
type step struct {
	name  string
	index int
}

// At makes a Path of strings and indexes.
func At(steps ...any) Path { return Path{}.then(steps) }

func (p Path) then(steps []any) Path {
	for _, s := range steps {
		if p.n == maxSteps {
			break
		}
		switch s := s.(type) {
		case string:
			p.steps[p.n] = step{name: s}
		case int:
			p.steps[p.n] = step{index: s}
		}
		p.n++
	}
	return p
}

// Len is how many steps the path has.
func (p Path) Len() int { return p.n }

// Step is the i-th step; an index is written in digits.
func (p Path) Step(i int) string {
	if p.steps[i].name == "" {
		return strconv.Itoa(p.steps[i].index)
	}
	return p.steps[i].name
}

// Place is where a person wrote something, without having looked at the file:
// most places are never asked for. parse.Locate finds them.
type Place struct {
	// File is relative to the site's folder.
	File string
	// Path in a TOML file; empty in Markdown and for the file as a whole.
	Path Path
	// Key asks for the key rather than its value.
	Key bool
	// Offset and Length narrow the place to a part of the value's text, or, in
	// Markdown, count from the file's first byte. A Length of 0 means all.
	Offset, Length int
}

// Part of a value's text.
func (p Place) Part(offset, length int) Place {
	p.Offset, p.Length = offset, length
	return p
}

// Of narrows a place to what lies below it.
func (p Place) Of(steps ...any) Place {
	p.Path = p.Path.then(steps)
	return p
}

// Finding is a mistake that was found in a deal and not yet located.
type Finding struct {
	Place
	Code  string
	Text  string
	Label string
	Hint  string
	// Lenient makes it a warning, Advice less than that; else it is an error.
	Lenient, Advice bool
}
