package mockprovider_test

// shown is what a call with something else than the access token comes to.
func shown(as func(access, refresh string) string) func(*asyncWorld) string {
	return func(w *asyncWorld) string {
		access, refresh := w.token()
		return w.call(as(access, refresh), "t1/apply", "v=1&force=1")
	}
}

var bearerLooks = []look{
	{"grant-type-not-checked", "400 unsupported_grant_type", "200", false, redeemed("grant_type=code")},
	{"password-grant", "400 unsupported_grant_type 400 unsupported_grant_type", "200 400 unsupported_grant_type", false, func(w *asyncWorld) string {
		good, _ := w.ask("", "code", "grant_type=password", "username=alice", "password=wonder")
		wrong, _ := w.ask("", "code", "grant_type=password", "username=alice", "password=builder")
		return good + " " + wrong
	}},
	{"client-credentials-grant", "400 unsupported_grant_type", "200", false, func(w *asyncWorld) string {
		status, _ := w.ask("", "code", "grant_type=client_credentials")
		return status
	}},
	{"token-longer-passes", "401", "200", false, shown(func(access, _ string) string { return access + "x" })},
	{"token-shorter-passes", "401", "200", false, shown(func(access, _ string) string { return access[:len(access)-1] })},
	{"refresh-token-as-access", "401", "200", false, shown(func(_, refresh string) string { return refresh })},
	{"token-in-body", "401", "200", false, func(w *asyncWorld) string {
		access, _ := w.token()
		status, _ := w.called("POST", "", "t1/apply", "force=1", `{"v":"1","access_token":"`+access+`"}`)
		return status
	}},
	{"host-list-at-call", "400 ", `200 "1""1"`, false, func(w *asyncWorld) string {
		access, _ := w.token("host=s1,s2")
		status := w.call(access, "t1/apply", "v=1&host=s1,s2")
		return status + " " + w.records("t1.s1", "TXT") + w.records("t1.s2", "TXT")
	}},
	{"outside-grant-500", "401", "500", false, called("t2/apply", "")},
	{"plus-does-not-divide", registered + "&code=CODE&state=s1", registered + "&error=invalid_scope&error_description=scope%20is%20a%20list%20of%20templates%20that%20are%20supported%20here&state=s1", false, end("confirm", "scope=t1+t2")},
}
