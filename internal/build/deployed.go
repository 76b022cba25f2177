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
