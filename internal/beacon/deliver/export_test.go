package deliver

// Sign is what a webhook is signed with.
func Sign(secret, id, at, body string) string {
	key, err := parseSecret(secret)
	if err != nil {
		return err.Error()
	}
	return sign(key, id, at, []byte(body))
}
