package build

// Audiences of the sealed deal that lies in a folder of the output, each by the
// ids of those who are in it; none where the source has no such deal, or one
// with mistakes.
func (o *Output) Audiences(folder string) ([][]string, error) {
	id, err := o.whose(folder)
	if err != nil || id == "" {
		return nil, err
	}
	defer o.Forget(id)
	d := o.deal(id)
	if d.err != nil || d.sealed == nil {
		return nil, d.err
	}
	return d.sealed.audiences, nil
}

// Folders in which a deal may lie on a host: in the clear or, as far as there is
// a key, sealed. Where the deal is not built none of them should be there.
func (o *Output) Folders(id string) []string {
	sealed, err := o.project.folderOf(id, false)
	if err != nil || sealed == id {
		return []string{id}
	}
	return []string{sealed, id}
}

// DealIn is the deal of the source whose files may lie in a folder of a host;
// empty where there is none.
func (o *Output) DealIn(folder string) (string, error) { return o.whose(folder) }
