package people

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/clickledger/clickledger/internal/store"
)

func TestSignUp(t *testing.T) {
	w := newWorld(t)
	form := SignUpForm{Organisation: " Kupon  Co ", Name: "Ada Öz", Email: " Ada@Example.org ", Password: goodPassword, Language: "tr"}
	w.must(w.SignUp(w.ctx, form, home))
	_, err := w.SignIn(w.ctx, "ada@example.org", goodPassword, home)
	w.is(err, ErrUnchecked, "signing in before the e-mail address is confirmed")
	_, err = w.SignIn(w.ctx, "ada@example.org", "wrong password 1", home)
	w.is(err, ErrWrong, "a wrong password tells nothing of the address")
	mails := w.mails()
	if len(mails) != 2 || mails[0].To != "ada@example.org" || !strings.Contains(mails[0].Subject, "doğrulayın") || !strings.Contains(mails[0].Text, "https://aff.example/check-email?token=") {
		t.Fatalf("the e-mails: %+v", mails)
	}
	token := tokenIn.FindStringSubmatch(mails[0].Text)[1]
	w.is(w.CheckEmail(w.ctx, token+"x", home), ErrTicket, "another token")
	w.is(w.Reset(w.ctx, token, "another good password", home), ErrTicket, "a token for something else")
	w.must(w.CheckEmail(w.ctx, token, home))
	w.is(w.CheckEmail(w.ctx, token, home), ErrTicket, "a token that was used")
	v, _ := w.signIn("ADA@example.org")
	if v.Name != "Ada Öz" || v.Language != "tr" || v.Organisation.Name != "Kupon Co" || v.Organisation.Kind != Publisher || v.Role != Owner ||
		!strings.HasPrefix(v.Organisation.Publisher, "pub_") || !v.Proved(w.clock) {
		t.Errorf("the viewer is %+v", v)
	}
	if got := w.actions(); got != "person.signed_up session.refused person.email_checked session.began" {
		t.Errorf("the audit log holds: %s", got)
	}
}

// Signing up with an address that has an account answers as a new one does, and changes nothing; the owner of the address is told.
func TestSignUpAgain(t *testing.T) {
	w := newWorld(t)
	w.publisher("ada@example.org")
	w.must(w.SignUp(w.ctx, SignUpForm{Organisation: "Other", Name: "Eve", Email: "ada@example.org", Password: "eve's very own phrase", Language: "en"}, From{Network: "198.51.100.0/24"}))
	if m := w.mails(); len(m) != 1 || m[0].Subject != "You have an account already" || strings.Contains(m[0].Text, "token=") {
		t.Errorf("the e-mails: %+v", m)
	}
	_, err := w.SignIn(w.ctx, "ada@example.org", "eve's very own phrase", home)
	w.is(err, ErrWrong, "the password of the second sign-up")
	v, _ := w.signIn("ada@example.org")
	if v.Name != "Ada" || v.Organisation.Name != "Kupon" {
		t.Errorf("the viewer is %+v", v)
	}
	for range 20 { // nobody fills another one's mailbox
		if err := w.SignUp(w.ctx, SignUpForm{Organisation: "Other", Name: "Eve", Email: "ada@example.org", Password: "eve's very own phrase"}, From{Network: "198.51.100.0/24"}); err != nil && limitOf(err) == 0 {
			t.Fatal(err)
		}
	}
	if n := len(w.mails()); n > 3 {
		t.Errorf("%d e-mails more", n)
	}
}

func TestInputs(t *testing.T) {
	w := newWorld(t)
	good := SignUpForm{Organisation: "Kupon", Name: "Ada", Email: "ada@example.org", Password: goodPassword}
	for _, c := range []struct {
		change func(*SignUpForm)
		want   string
	}{
		{func(f *SignUpForm) { f.Email = "ada" }, "email email"},
		{func(f *SignUpForm) { f.Email = "ada@localhost" }, "email email"},
		{func(f *SignUpForm) { f.Email = "Ada <ada@example.org>" }, "email email"},
		{func(f *SignUpForm) { f.Email = "ada@example.org\r\nBcc: x@example.org" }, "email email"},
		{func(f *SignUpForm) { f.Email = "ada@example.org, eve@example.org" }, "email email"},
		{func(f *SignUpForm) { f.Email = strings.Repeat("a", 250) + "@example.org" }, "email email"},
		{func(f *SignUpForm) { f.Name = " " }, "name empty"},
		{func(f *SignUpForm) { f.Name = strings.Repeat("ö", 101) }, "name long"},
		{func(f *SignUpForm) { f.Name = "a\x00b" }, "name characters"},
		{func(f *SignUpForm) { f.Name = "\xff" }, "name characters"},
		{func(f *SignUpForm) { f.Organisation = "" }, "organisation empty"},
		{func(f *SignUpForm) { f.Password = "short" }, "password short"},
		{func(f *SignUpForm) { f.Password = strings.Repeat("a b", 100) }, "password long"},
		{func(f *SignUpForm) { f.Password = "\xff" + goodPassword }, "password characters"},
	} {
		f := good
		c.change(&f)
		if got := codeOf(w.SignUp(w.ctx, f, home)); got != c.want {
			t.Errorf("%+v: %q, want %q", f, got, c.want)
		}
	}
	for _, common := range []string{
		"password123", "P@ssw0rd2026!", "qwertyuiop12", "1234567890", "aaaaaaaaaaaa", "abababababab", "Galatasaray1905", "letmein12345", "iloveyou!!!!", "Welcome2026",
		"ada.lovelace1", "Lovelace!2026", "example.org12", "1q2w3e4r1q2w", "parola123456", "şifre123456",
	} {
		if got := codeOf(checkPassword(common, "ada.lovelace@example.org", "Ada Lovelace")); got != "password common" {
			t.Errorf("the password %q: %q", common, got)
		}
	}
	for _, fine := range []string{goodPassword, "mavi-bisiklet-yağmur", "Tr0ub4dor&3xyz", "kcX9!vTqLm2z", strings.Repeat("long and fine ", 4)} {
		if err := checkPassword(fine, "ada.lovelace@example.org", "Ada Lovelace"); err != nil {
			t.Errorf("the password %q: %v", fine, err)
		}
	}
}

// Signing in answers the same, whatever was wrong, and does the same work.
func TestSignInTellsNothing(t *testing.T) {
	w := newWorld(t)
	w.publisher("ada@example.org")
	w.publisher("locked@example.org")
	admin := w.operatorAs("admin@example.org", Admin)
	locked, token := w.signIn("locked@example.org")
	w.must(w.Lock(w.ctx, admin, locked.Person))
	if v := w.viewer(token); v.Person != "" {
		t.Error("a session goes on after its person was locked")
	}
	for what, c := range map[string][2]string{
		"a wrong password": {"ada@example.org", "wrong password 1"}, "nobody's address": {"eve@example.org", goodPassword}, "no address": {"ada", goodPassword},
		"nothing": {"", ""}, "a locked person": {"locked@example.org", goodPassword}, "a very long password": {"ada@example.org", strings.Repeat("x", 1<<20)},
	} {
		before := len(strings.Fields(w.actions()))
		_, err := w.SignIn(w.ctx, c[0], c[1], home)
		if err != ErrWrong {
			t.Errorf("%s: %v", what, err)
		}
		if n := len(strings.Fields(w.actions())) - before; n != 1 {
			t.Errorf("%s: %d entries in the audit log, want 1", what, n)
		}
	}
	w.must(w.Unlock(w.ctx, admin, locked.Person))
	w.signIn("locked@example.org")
	before := len(w.mails())
	w.must(w.Forgot(w.ctx, "eve@example.org", home))
	if before+len(w.mails()) != before {
		t.Error("an e-mail was sent to an address that nobody has")
	}
}

// A hundred thousand guesses at one account from many networks: some hundreds are tried in the hour, and its person still comes in from home.
func TestSignInLimits(t *testing.T) {
	w := newWorld(t)
	w.publisher("ada@example.org")
	w.signIn("ada@example.org")
	tried := 0
	for i := range 100_000 {
		w.clock = w.clock.Add(time.Hour / 100_000)
		_, err := w.SignIn(w.ctx, "ada@example.org", "guess number "+fmt.Sprint(i), From{Network: fmt.Sprintf("203.%d.%d.0/24", i/250%250, i%250)})
		if limitOf(err) == 0 {
			tried++
		}
	}
	if tried > 100 || tried < 20 {
		t.Errorf("%d guesses were tried in an hour", tried)
	}
	if _, err := w.SignIn(w.ctx, "ada@example.org", goodPassword, From{Network: "203.0.113.0/24"}); limitOf(err) == 0 {
		t.Errorf("a network that is not known comes in while it is guessed at: %v", err)
	}
	w.signIn("ada@example.org") // from home
	// One network at many accounts.
	tried = 0
	for i := range 1000 {
		if _, err := w.SignIn(w.ctx, fmt.Sprint("a", i, "@example.org"), goodPassword, From{Network: "198.51.100.0/24"}); limitOf(err) == 0 {
			tried++
		}
	}
	if tried > 60 {
		t.Errorf("one network tried %d accounts at once", tried)
	}
}

func TestSessions(t *testing.T) {
	w := newWorld(t)
	w.publisher("ada@example.org")
	v, token := w.signIn("ada@example.org")
	if len(token) != 43 {
		t.Errorf("the token has %d characters, want the 43 of 256 bits", len(token))
	}
	_, other := w.signIn("ada@example.org")
	if other == token {
		t.Fatal("two sessions have one token")
	}
	if w.viewer("").Person != "" || w.viewer("x").Person != "" || w.viewer(v.Session).Person != "" {
		t.Error("a session is found by something else than its token")
	}
	all, err := w.Sessions(w.ctx, v)
	w.must(err)
	if len(all) != 2 || all[0].This == all[1].This {
		t.Errorf("the sessions are %+v", all)
	}
	// Idle and absolute limits.
	w.pass(SessionIdleFor - time.Second)
	if w.viewer(token).Person == "" {
		t.Error("a session ended before its idle limit")
	}
	w.pass(2 * time.Second)
	if w.viewer(other).Person != "" {
		t.Error("a session goes on after its idle limit")
	}
	for w.clock.Before(all[0].Began.Add(SessionFor - SessionIdleFor/2)) {
		w.pass(SessionIdleFor / 2)
		if w.viewer(token).Person == "" {
			t.Fatal("a session that is used ended before its absolute limit")
		}
	}
	w.pass(SessionIdleFor / 2)
	if w.viewer(token).Person != "" {
		t.Error("a session goes on after its absolute limit")
	}
	// Signing out ends the session on the server.
	v, token = w.signIn("ada@example.org")
	_, other = w.signIn("ada@example.org")
	w.must(w.SignOut(w.ctx, v))
	if w.viewer(token).Person != "" || w.viewer(other).Person == "" {
		t.Error("signing out ended another session than this one")
	}
	w.is(w.SignOut(w.ctx, v), ErrForbidden, "signing out twice")
	v = w.viewer(other)
	_, third := w.signIn("ada@example.org")
	w.must(w.EndOtherSessions(w.ctx, v))
	if w.viewer(third).Person != "" || w.viewer(other).Person == "" {
		t.Error("ending the others ended another one")
	}
}

func TestPasswordChange(t *testing.T) {
	w := newWorld(t)
	w.publisher("ada@example.org")
	v, token := w.signIn("ada@example.org")
	_, other := w.signIn("ada@example.org")
	w.must(w.Forgot(w.ctx, "ada@example.org", home))
	reset := w.token()
	const fresh = "a fresh and long phrase"
	w.is(w.ChangePassword(w.ctx, v, "wrong password 1", fresh), ErrWrong, "the wrong old password")
	if got := codeOf(w.ChangePassword(w.ctx, v, goodPassword, "ada@example.org")); got != "password common" {
		t.Errorf("the e-mail address as password: %q", got)
	}
	w.must(w.ChangePassword(w.ctx, v, goodPassword, fresh))
	if w.viewer(token).Person == "" || w.viewer(other).Person != "" {
		t.Error("the other sessions go on, or this one ended")
	}
	if m := w.mails(); len(m) != 1 || m[0].Subject != "Your password was changed" {
		t.Errorf("the e-mails: %+v", m)
	}
	_, err := w.SignIn(w.ctx, "ada@example.org", goodPassword, home)
	w.is(err, ErrWrong, "the old password")
	w.is(w.Reset(w.ctx, reset, goodPassword, home), ErrTicket, "a link from before the change")

	w.must(w.Forgot(w.ctx, "ada@example.org", home))
	first := w.token()
	w.must(w.Forgot(w.ctx, "ada@example.org", home))
	second := w.token()
	w.is(w.Reset(w.ctx, first, goodPassword, home), ErrTicket, "a link that another one followed")
	if got := codeOf(w.Reset(w.ctx, second, "password123", home)); got != "password common" {
		t.Errorf("a common password: %q", got)
	}
	w.must(w.Reset(w.ctx, second, goodPassword, home))
	w.is(w.Reset(w.ctx, second, goodPassword, home), ErrTicket, "a link that was used")
	if w.viewer(token).Person != "" {
		t.Error("a session goes on after the password was reset")
	}
	w.mails()
	w.must(w.Forgot(w.ctx, "ada@example.org", home))
	late := w.token()
	w.pass(resetFor)
	w.is(w.Reset(w.ctx, late, goodPassword, home), ErrTicket, "a link that has expired")
}

func TestSecondFactor(t *testing.T) {
	w := newWorld(t)
	w.publisher("ada@example.org")
	v, token := w.signIn("ada@example.org")
	_, other := w.signIn("ada@example.org")
	e, err := w.StartFactor(w.ctx, v)
	w.must(err)
	if in, err := w.SignIn(w.ctx, "ada@example.org", goodPassword, home); err != nil || in.Factor {
		t.Errorf("a second factor that was not confirmed is asked for: %+v, %v", in, err)
	}
	_, err = w.ConfirmFactor(w.ctx, v, "000000")
	w.is(err, ErrWrong, "a wrong code")
	codes, err := w.ConfirmFactor(w.ctx, v, w.code(e.Secret.Reveal()))
	w.must(err)
	if len(codes) != recoveryCodes || w.viewer(other).Person != "" || w.viewer(token).Person == "" {
		t.Errorf("%d recovery codes; sessions that began with the password alone go on", len(codes))
	}
	w.mails()

	in, err := w.SignIn(w.ctx, "ada@example.org", goodPassword, home)
	w.must(err)
	half := in.Token.Reveal()
	if !in.Factor || w.viewer(half).Person != "" {
		t.Error("the password alone lets somebody in who has a second factor")
	}
	// The code that confirmed the factor was used up by that.
	_, err = w.SecondFactor(w.ctx, half, w.code(e.Secret.Reveal()), home)
	w.is(err, ErrWrong, "the code of the confirmation again")
	w.pass(period)
	code := w.code(e.Secret.Reveal())
	fresh, err := w.SecondFactor(w.ctx, half, code, home)
	w.must(err)
	if w.viewer(fresh.Reveal()).Person == "" || fresh.Reveal() == half {
		t.Error("the second factor does not begin a session of its own")
	}
	_, err = w.SecondFactor(w.ctx, half, code, home)
	w.is(err, ErrForbidden, "the first half again")
	in, err = w.SignIn(w.ctx, "ada@example.org", goodPassword, home)
	w.must(err)
	_, err = w.SecondFactor(w.ctx, in.Token.Reveal(), code, home)
	w.is(err, ErrWrong, "a code that was used")

	// A recovery code works once.
	_, err = w.SecondFactor(w.ctx, in.Token.Reveal(), strings.ToUpper(codes[3].Reveal()), home)
	w.must(err)
	in, err = w.SignIn(w.ctx, "ada@example.org", goodPassword, home)
	w.must(err)
	_, err = w.SecondFactor(w.ctx, in.Token.Reveal(), codes[3].Reveal(), home)
	w.is(err, ErrWrong, "a recovery code that was used")

	// Guessing ends soon, and so does the first half.
	limited := false
	for i := range 20 {
		_, err := w.SecondFactor(w.ctx, in.Token.Reveal(), fmt.Sprintf("%06d", i), home)
		limited = limited || limitOf(err) > 0
	}
	if !limited {
		t.Error("codes can be guessed without end")
	}
	w.pass(factorFor + time.Hour)
	_, err = w.SecondFactor(w.ctx, in.Token.Reveal(), w.code(e.Secret.Reveal()), home)
	w.is(err, ErrForbidden, "a first half that is too old")
}

// A service that vouches for an address stands in for the password, never for the second factor, and opens no account that is locked or
// was never confirmed.
func TestSignInVouched(t *testing.T) {
	w := newWorld(t)
	w.must(w.SignUp(w.ctx, SignUpForm{Organisation: "Kupon", Name: "Ada", Email: "ada@example.org", Password: goodPassword}, home))
	check := w.token()
	_, err := w.SignInVouched(w.ctx, "ada@example.org", "https://sso.example", home)
	w.is(err, ErrUnchecked, "an address that was never confirmed")
	w.must(w.CheckEmail(w.ctx, check, home))
	w.mails()
	in, err := w.SignInVouched(w.ctx, "ADA@example.org", "https://sso.example", home)
	w.must(err)
	v := w.viewer(in.Token.Reveal())
	if in.Factor || !v.Proved(w.clock) {
		t.Errorf("the viewer is %+v", v)
	}
	secret, _ := w.withFactor(v)
	in, err = w.SignInVouched(w.ctx, "ada@example.org", "https://sso.example", home)
	w.must(err)
	if !in.Factor || w.viewer(in.Token.Reveal()).Person != "" {
		t.Error("the service stands in for the second factor")
	}
	_, err = w.SecondFactor(w.ctx, in.Token.Reveal(), w.code(secret), home)
	w.must(err)
	for _, nobody := range []string{"eve@example.org", "", "ada"} {
		_, err := w.SignInVouched(w.ctx, nobody, "https://sso.example", home)
		w.is(err, ErrWrong, "somebody who is not here")
	}
	admin := w.operatorAs("admin@example.org", Admin)
	w.must(w.Lock(w.ctx, admin, v.Person))
	_, err = w.SignInVouched(w.ctx, "ada@example.org", "https://sso.example", home)
	w.is(err, ErrWrong, "somebody who is kept out")
}

// Red control: a store that forgets which code was used lets one be used again, and the test above would see it.
func TestReplayIsWhatTheStepRefuses(t *testing.T) {
	w := newWorld(t)
	w.publisher("ada@example.org")
	v, _ := w.signIn("ada@example.org")
	secret, _ := w.withFactor(v)
	use := func() error {
		in, err := w.SignIn(w.ctx, "ada@example.org", goodPassword, home)
		w.must(err)
		_, err = w.SecondFactor(w.ctx, in.Token.Reveal(), w.code(secret), home)
		return err
	}
	w.must(use())
	w.is(use(), ErrWrong, "a code that was used")
	w.must(w.update(w.ctx, func(a store.Accounts) error {
		return w.change(w.ctx, a, v.Person, func(p *store.Person) error { p.TOTPStep = 0; return nil })
	}))
	w.must(use())
}

func TestStepUp(t *testing.T) {
	w := newWorld(t)
	w.publisher("ada@example.org")
	v, token := w.signIn("ada@example.org")
	w.pass(StepUpFor + time.Second)
	_, err := w.MakeApp(w.ctx, v, "Shop", []string{"read"}, nil)
	w.is(err, ErrStepUp, "keys without a recent proof")
	_, err = w.StartFactor(w.ctx, v)
	w.is(err, ErrStepUp, "a second factor without a recent proof")
	_, err = w.Prove(w.ctx, v, "wrong password 1")
	w.is(err, ErrWrong, "a wrong proof")
	fresh, err := w.Prove(w.ctx, v, goodPassword)
	w.must(err)
	if w.viewer(token).Person != "" {
		t.Error("the session goes on under its old token")
	}
	v = w.viewer(fresh.Reveal())
	_, err = w.MakeApp(w.ctx, v, "Shop", []string{"read"}, nil)
	w.must(err)
	// Somebody with a second factor proves with it; the password is not enough.
	secret, _ := w.withFactor(v)
	v = w.viewer(fresh.Reveal())
	w.pass(StepUpFor + time.Second)
	_, err = w.Prove(w.ctx, v, goodPassword)
	w.is(err, ErrWrong, "the password in place of the second factor")
	again, err := w.Prove(w.ctx, v, w.code(secret))
	w.must(err)
	v = w.viewer(again.Reveal())
	if !v.Proved(w.clock) || !v.SecondFactor {
		t.Errorf("the viewer is %+v", v)
	}
	fresh2, err := w.NewRecovery(w.ctx, v)
	w.must(err)
	if len(fresh2) != recoveryCodes {
		t.Errorf("%d recovery codes", len(fresh2))
	}
	w.must(w.RemoveFactor(w.ctx, v))
	if in, err := w.SignIn(w.ctx, "ada@example.org", goodPassword, home); err != nil || in.Factor {
		t.Errorf("a second factor that was removed is asked for: %v", err)
	}
}

func TestMembers(t *testing.T) {
	w := newWorld(t)
	w.publisher("ada@example.org")
	ada, _ := w.signIn("ada@example.org")
	w.must(w.Invite(w.ctx, ada, "Bob@example.org", Member))
	first := w.token()
	w.must(w.Invite(w.ctx, ada, "bob@example.org", Reader))
	second := w.token()
	w.is(w.Accept(w.ctx, Viewer{}, first, "Bob", goodPassword, "tr", home), ErrTicket, "an invitation that another one followed")
	i, err := w.Invitation(w.ctx, second)
	w.must(err)
	if i.Email != "bob@example.org" || i.Role != Reader || i.Organisation != "Kupon" || i.Known {
		t.Errorf("the invitation is %+v", i)
	}
	w.must(w.Accept(w.ctx, Viewer{}, second, "Bob", goodPassword, "tr", home))
	w.is(w.Accept(w.ctx, Viewer{}, second, "Bob", goodPassword, "tr", home), ErrTicket, "an invitation that was accepted")
	bob, token := w.signIn("bob@example.org")
	if bob.Role != Reader || bob.Organisation.ID != ada.Organisation.ID {
		t.Errorf("the viewer is %+v", bob)
	}
	if got := codeOf(w.Invite(w.ctx, ada, "bob@example.org", Member)); got != "email member" {
		t.Errorf("inviting a member: %q", got)
	}
	if got := codeOf(w.Invite(w.ctx, ada, "eve@example.org", Admin)); got != "role unknown" {
		t.Errorf("inviting an operator to a publisher: %q", got)
	}
	// Somebody with an account must be signed in to it.
	w.publisher("carol@example.org")
	carol, _ := w.signIn("carol@example.org")
	w.must(w.Invite(w.ctx, ada, "carol@example.org", Member))
	invitation := w.token()
	w.is(w.Accept(w.ctx, Viewer{}, invitation, "Eve", goodPassword, "en", home), ErrForbidden, "an invitation of somebody with an account by nobody")
	w.is(w.Accept(w.ctx, bob, invitation, "", "", "", home), ErrForbidden, "an invitation of somebody else")
	w.must(w.Accept(w.ctx, carol, invitation, "", "", "", home))
	all, _, err := w.Members(w.ctx, ada)
	w.must(err)
	if len(all) != 3 {
		t.Errorf("the members are %+v", all)
	}
	orgs, err := w.Organisations(w.ctx, carol)
	w.must(err)
	if len(orgs) != 2 {
		t.Fatalf("carol acts for %+v", orgs)
	}
	carolsToken, err := w.ActFor(w.ctx, carol, ada.Organisation.ID)
	w.must(err)
	at := w.viewer(carolsToken.Reveal())
	if at.Organisation.ID != ada.Organisation.ID || at.Role != Member || at.Proved(w.clock) {
		t.Errorf("acting for another organisation: %+v", at)
	}
	_, err = w.ActFor(w.ctx, bob, carol.Organisation.ID)
	w.is(err, ErrForbidden, "acting for a stranger's organisation")

	// A change of roles ends sessions; the last owner stays.
	if got := codeOf(w.SetRole(w.ctx, ada, ada.Person, Member)); got != "role last" {
		t.Errorf("the last owner becomes a member: %q", got)
	}
	if got := codeOf(w.RemoveMember(w.ctx, ada, ada.Person, true)); got != "role last" {
		t.Errorf("the last owner leaves: %q", got)
	}
	w.must(w.SetRole(w.ctx, ada, bob.Person, Owner))
	if w.viewer(token).Person != "" {
		t.Error("a session goes on after its person got another role")
	}
	bob, _ = w.signIn("bob@example.org")
	w.must(w.RemoveMember(w.ctx, bob, ada.Person, true))
	ada, _ = w.signIn("ada@example.org")
	if ada.Organisation.ID != "" || ada.Can(SeeReports) {
		t.Errorf("somebody who was taken out acts on: %+v", ada)
	}
	if at := w.viewer(carolsToken.Reveal()); at.Organisation.ID != bob.Organisation.ID {
		t.Errorf("carol acts for %q", at.Organisation.ID)
	}
}

func TestWithdrawnInvitation(t *testing.T) {
	w := newWorld(t)
	w.publisher("ada@example.org")
	ada, _ := w.signIn("ada@example.org")
	w.must(w.Invite(w.ctx, ada, "bob@example.org", Member))
	token := w.token()
	_, open, err := w.Members(w.ctx, ada)
	w.must(err)
	w.must(w.Withdraw(w.ctx, ada, open[0].ID))
	_, err = w.Invitation(w.ctx, token)
	w.is(err, ErrTicket, "an invitation that was taken back")
	w.must(w.Invite(w.ctx, ada, "bob@example.org", Member))
	late := w.token()
	w.pass(inviteFor)
	w.is(w.Accept(w.ctx, Viewer{}, late, "Bob", goodPassword, "tr", home), ErrTicket, "an invitation that has expired")
}

func TestApps(t *testing.T) {
	w := newWorld(t)
	w.publisher("ada@example.org")
	ada, _ := w.signIn("ada@example.org")
	made, err := w.MakeApp(w.ctx, ada, "Shop", []string{"read"}, []string{"t1", "t2"})
	w.must(err)
	c, ok, err := w.Caller(w.ctx, made.Key)
	w.must(err)
	if !ok || c.Secret != made.Secret || c.Organisation.Publisher != ada.Organisation.Publisher || len(c.Scopes) != 1 || len(c.TrackingIDs) != 2 {
		t.Errorf("the caller is %+v", c)
	}
	for _, bad := range [][]string{nil, {"orders:write"}, {"read", "everything"}} {
		_, err := w.MakeApp(w.ctx, ada, "Shop", bad, nil)
		if codeOf(err) != "scopes unknown" {
			t.Errorf("the scopes %v of a publisher: %v", bad, err)
		}
	}
	// Both keys count while one follows the other; then only the new one.
	next, err := w.RotateKey(w.ctx, ada, made.App)
	w.must(err)
	live := func(key string) bool {
		_, ok, err := w.Caller(w.ctx, key)
		w.must(err)
		return ok
	}
	if !live(made.Key) || !live(next.Key) || made.Secret == next.Secret {
		t.Error("a key does not count while another one follows it")
	}
	w.pass(Overlap)
	if live(made.Key) || !live(next.Key) {
		t.Error("the old key counts after the overlap, or the new one does not")
	}
	ada, _ = w.signIn("ada@example.org")
	third, err := w.RotateKey(w.ctx, ada, made.App)
	w.must(err)
	w.must(w.RevokeKey(w.ctx, ada, third.Key))
	if live(third.Key) || !live(next.Key) {
		t.Error("a key that was revoked counts")
	}
	w.must(w.RevokeApp(w.ctx, ada, made.App))
	if live(next.Key) || live("key_unknown") || live("") || live("\xff") {
		t.Error("a key counts whose app was revoked, or that nobody has")
	}
	_, err = w.RotateKey(w.ctx, ada, made.App)
	w.is(err, ErrForbidden, "a key of an app that was revoked")
	all, err := w.Apps(w.ctx, ada)
	w.must(err)
	if len(all) != 1 || len(all[0].Keys) != 3 {
		t.Errorf("the apps are %+v", all)
	}
}

func TestOperators(t *testing.T) {
	w := newWorld(t)
	admin := w.operatorAs("admin@example.org", Admin)
	finance := w.operatorAs("finance@example.org", Finance)
	if admin.Organisation.ID != finance.Organisation.ID || admin.Organisation.Kind != Operator {
		t.Errorf("the operators act for %q and %q", admin.Organisation.ID, finance.Organisation.ID)
	}
	if _, err := w.AddOperator(w.ctx, "x@example.org", "X", "en", Owner); codeOf(err) != "role unknown" {
		t.Errorf("an operator as owner: %v", err)
	}
	_, err := w.AddOrganisation(w.ctx, admin, Organisation{Kind: Seller, Name: "Shoes", Stores: []string{"s1"}}, "sel@example.org")
	w.must(err)
	w.must(w.Accept(w.ctx, Viewer{}, w.token(), "Sel", goodPassword, "en", home))
	seller, _ := w.signIn("sel@example.org")
	if seller.Organisation.Kind != Seller || len(seller.Organisation.Stores) != 1 || !seller.Can(EditStores) || seller.Can(SeeReports) {
		t.Errorf("the seller is %+v", seller)
	}
	for want, bad := range map[string]Organisation{
		"kind unknown": {Kind: Operator, Name: "X"}, "stores empty": {Kind: Seller, Name: "X"}, "publisher empty": {Kind: Publisher, Name: "X"}, "name empty": {Kind: Seller},
	} {
		if _, err := w.AddOrganisation(w.ctx, admin, bad, "x@example.org"); codeOf(err) != want {
			t.Errorf("%+v: %v, want %s", bad, err, want)
		}
	}
	found, ok, err := w.Find(w.ctx, admin, "SEL@example.org")
	w.must(err)
	if !ok || found.Person != seller.Person || len(found.Roles) != 1 || found.Roles[0] != (RoleAt{"Shoes", Seller, Owner}) {
		t.Errorf("looked up: %+v", found)
	}
	if _, ok, err := w.Find(w.ctx, admin, "nobody@example.org"); ok || err != nil {
		t.Errorf("looked up nobody: %v", err)
	}
	_, err = w.AddOrganisation(w.ctx, admin, Organisation{Kind: Publisher, Name: "Old", Publisher: "ann"}, "ann@example.org")
	w.must(err)
	_, err = w.AddOrganisation(w.ctx, admin, Organisation{Kind: Publisher, Name: "Old", Publisher: "ann"}, "eve@example.org")
	if codeOf(err) != "publisher taken" {
		t.Errorf("a publisher twice: %v", err)
	}
	page, _, err := w.Audit(w.ctx, finance, AuditFilter{Action: "operator.added"}, "")
	w.must(err)
	if len(page) != 2 {
		t.Errorf("%d entries, want 2", len(page))
	}
	if got := codeOf(w.Lock(w.ctx, admin, admin.Person)); got != "person self" {
		t.Errorf("locking oneself: %q", got)
	}
}

// The chain finds any entry that was altered, taken out or put in between: the red control of `audit verify`.
func TestAuditFindsChanges(t *testing.T) {
	w := newWorld(t)
	w.publisher("ada@example.org")
	w.signIn("ada@example.org")
	w.signIn("ada@example.org")
	sound, err := w.VerifyAudit(w.ctx, "")
	w.must(err)
	if sound.Broken != 0 || sound.Entries != 4 || len(sound.Newest) != 64 {
		t.Fatalf("the log of a sound store: %+v", sound)
	}
	var all []store.AuditEntry
	w.must(w.view(w.ctx, func(a store.Accounts) error {
		all, err = a.Audit().After(w.ctx, 0, 10)
		return err
	}))
	for name, change := range map[string]func(e *store.AuditEntry){
		"time": func(e *store.AuditEntry) { e.At = e.At.Add(time.Microsecond) }, "person": func(e *store.AuditEntry) { e.Person += "x" },
		"organisation": func(e *store.AuditEntry) { e.Organisation += "x" }, "via": func(e *store.AuditEntry) { e.Via += "x" }, "network": func(e *store.AuditEntry) { e.Network = "" },
		"action": func(e *store.AuditEntry) { e.Action = "x" }, "object": func(e *store.AuditEntry) { e.Object = "x" }, "detail": func(e *store.AuditEntry) { e.Detail += " " },
		"commitment": func(e *store.AuditEntry) { e.Commitment = e.Hash }, "salt": func(e *store.AuditEntry) { e.Salt = e.Hash },
		"sequence": func(e *store.AuditEntry) { e.Sequence++ }, "a byte that moved to the next text": func(e *store.AuditEntry) {
			e.Object, e.Action = e.Action[len(e.Action)-1:]+e.Object, e.Action[:len(e.Action)-1]
		},
	} {
		e := all[1]
		change(&e)
		if string(e.Chain(all[0].Hash)) == string(all[1].Hash) && string(e.Commit()) == string(all[1].Commitment) {
			t.Errorf("another %s has the same hash", name)
		}
	}
}

// What comes from the sight of one person is not another one's, whatever the id: each use case, by each role, with each foreign id.
func TestIsolation(t *testing.T) {
	w := newWorld(t)
	w.publisher("victim@example.org")
	victim, _ := w.signIn("victim@example.org")
	bystander := w.join(victim, "bystander@example.org", Owner)
	app, err := w.MakeApp(w.ctx, victim, "Shop", []string{"read"}, nil)
	w.must(err)
	w.must(w.Invite(w.ctx, victim, "guest@example.org", Reader))
	w.mails()
	_, open, err := w.Members(w.ctx, victim)
	w.must(err)

	w.publisher("p@example.org")
	owner, _ := w.signIn("p@example.org")
	admin := w.operatorAs("admin@example.org", Admin)
	_, err = w.AddOrganisation(w.ctx, admin, Organisation{Kind: Seller, Name: "Shoes", Stores: []string{"s1"}}, "s@example.org")
	w.must(err)
	w.must(w.Accept(w.ctx, Viewer{}, w.token(), "Sel", goodPassword, "en", home))
	sellerOwner, _ := w.signIn("s@example.org")
	strangers := map[string]Viewer{
		"publisher owner": owner, "publisher member": w.join(owner, "pm@example.org", Member), "publisher reader": w.join(owner, "pr@example.org", Reader),
		"seller owner": sellerOwner, "seller member": w.join(sellerOwner, "sm@example.org", Member), "seller reader": w.join(sellerOwner, "sr@example.org", Reader),
		"reviewer": w.operatorAs("rev@example.org", Reviewer), "finance": w.operatorAs("fin@example.org", Finance), "admin": admin, "nobody": {},
	}
	// A viewer whose browser lies about its organisation does not exist: organisation and role come from the session. Here they are
	// forged all the same, with the organisation's id of the stranger itself.
	strangers["a publisher that says it is an operator"] = func() Viewer { v := owner; v.Role = Admin; return v }()

	cases := map[string]struct {
		do      func(v Viewer) error
		allowed map[string]bool // by the table
	}{
		"SetRole":      {func(v Viewer) error { return w.SetRole(w.ctx, v, victim.Person, RolesOf(kindOf(v))[1]) }, nil},
		"RemoveMember": {func(v Viewer) error { return w.RemoveMember(w.ctx, v, bystander.Person, true) }, nil},
		"Withdraw":     {func(v Viewer) error { return w.Withdraw(w.ctx, v, open[0].ID) }, nil},
		"RotateKey":    {func(v Viewer) error { _, err := w.RotateKey(w.ctx, v, app.App); return err }, nil},
		"RevokeKey":    {func(v Viewer) error { return w.RevokeKey(w.ctx, v, app.Key) }, nil},
		"RevokeApp":    {func(v Viewer) error { return w.RevokeApp(w.ctx, v, app.App) }, nil},
		"EndSession":   {func(v Viewer) error { return w.EndSession(w.ctx, v, bystander.Session) }, nil},
		"ActFor":       {func(v Viewer) error { _, err := w.ActFor(w.ctx, v, victim.Organisation.ID); return err }, nil},
		"Accept":       {func(v Viewer) error { return w.Accept(w.ctx, v, "x", "N", goodPassword, "en", home) }, nil},
		"Lock":         {func(v Viewer) error { return w.Lock(w.ctx, v, bystander.Person) }, map[string]bool{"admin": true}},
		"Unlock":       {func(v Viewer) error { return w.Unlock(w.ctx, v, bystander.Person) }, map[string]bool{"admin": true}},
		"Find":         {func(v Viewer) error { _, _, err := w.Find(w.ctx, v, "victim@example.org"); return err }, map[string]bool{"admin": true}},
		"AddOrganisation": {func(v Viewer) error {
			_, err := w.AddOrganisation(w.ctx, v, Organisation{Kind: Seller, Name: "X", Stores: []string{"s9"}}, "x@example.org")
			return err
		}, map[string]bool{"admin": true}},
		"Audit": {func(v Viewer) error { _, _, err := w.Audit(w.ctx, v, AuditFilter{}, ""); return err }, map[string]bool{"admin": true, "finance": true}},
	}
	before := w.snapshot(victim)
	for name, c := range cases {
		for who, v := range strangers {
			if c.allowed[who] {
				continue
			}
			err := c.do(v)
			if err == nil {
				t.Errorf("%s by %s was let through", name, who)
			} else if e := codeOf(err); e != "" && e != "role unknown" {
				t.Errorf("%s by %s tells what is there: %v", name, who, err)
			}
		}
	}
	if after := w.snapshot(victim); after != before {
		t.Errorf("something of another organisation changed:\n%s\n%s", before, after)
	}
	for who, v := range strangers { // what lists, lists one's own
		if v.Person == "" {
			continue
		}
		if all, _, err := w.Members(w.ctx, v); err == nil {
			for _, m := range all {
				if m.Person == victim.Person {
					t.Errorf("%s sees members of another organisation", who)
				}
			}
		}
		if apps, err := w.Apps(w.ctx, v); err == nil && len(apps) > 0 {
			t.Errorf("%s sees apps of another organisation", who)
		}
	}
	for _, name := range []string{"Lock", "Unlock", "AddOrganisation", "Audit"} { // red control: the cases can succeed
		for who := range cases[name].allowed {
			w.must(cases[name].do(strangers[who]))
		}
	}
	w.must(cases["RevokeKey"].do(victim))
}

func kindOf(v Viewer) Kind {
	if v.Organisation.Kind == "" {
		return Publisher
	}
	return v.Organisation.Kind
}

// snapshot is what a viewer's organisation looks like.
func (w *world) snapshot(v Viewer) string {
	w.Helper()
	members, open, err := w.Members(w.ctx, v)
	w.must(err)
	apps, err := w.Apps(w.ctx, v)
	w.must(err)
	b, err := json.Marshal([]any{members, open, apps})
	w.must(err)
	return string(b)
}

// Within an organisation the table decides, use case by use case.
func TestRolesWithinAnOrganisation(t *testing.T) {
	w := newWorld(t)
	w.publisher("p@example.org")
	owner, _ := w.signIn("p@example.org")
	all := map[Role]Viewer{Owner: owner, Member: w.join(owner, "m@example.org", Member), Reader: w.join(owner, "r@example.org", Reader)}
	app, err := w.MakeApp(w.ctx, owner, "Shop", []string{"read"}, nil)
	w.must(err)
	for name, c := range map[string]struct {
		p  Permission
		do func(v Viewer) error
	}{
		"Members":   {SeeMembers, func(v Viewer) error { _, _, err := w.Members(w.ctx, v); return err }},
		"Invite":    {ManageMembers, func(v Viewer) error { return w.Invite(w.ctx, v, string(v.Role)+"@guest.example", Reader) }},
		"SetRole":   {ManageMembers, func(v Viewer) error { return w.SetRole(w.ctx, v, all[Reader].Person, Reader) }},
		"Apps":      {SeeApps, func(v Viewer) error { _, err := w.Apps(w.ctx, v); return err }},
		"MakeApp":   {ManageApps, func(v Viewer) error { _, err := w.MakeApp(w.ctx, v, "A", []string{"read"}, nil); return err }},
		"RotateKey": {ManageApps, func(v Viewer) error { _, err := w.RotateKey(w.ctx, v, app.App); return err }},
		"Audit":     {SeeAudit, func(v Viewer) error { _, _, err := w.Audit(w.ctx, v, AuditFilter{}, ""); return err }},
	} {
		for role, v := range all {
			if err := c.do(v); (err == nil) != v.Can(c.p) {
				t.Errorf("%s by a %s: %v", name, role, err)
			}
			// Without a recent proof, what asks for one is refused to everybody.
			v.ProvedAt = w.clock.Add(-time.Hour)
			if err := c.do(v); err == nil && v.MustProve(c.p, w.clock) {
				t.Errorf("%s by a %s without a proof was let through", name, role)
			}
		}
	}
}

// No secret is in the database as it stands on disk, nor in what is logged of the values that carry one.
func TestSecretsStayInside(t *testing.T) {
	w := newWorld(t)
	w.publisher("ada@example.org")
	v, token := w.signIn("ada@example.org")
	app, err := w.MakeApp(w.ctx, v, "Shop", []string{"read"}, nil)
	w.must(err)
	e, err := w.StartFactor(w.ctx, v)
	w.must(err)
	codes, err := w.ConfirmFactor(w.ctx, v, w.code(e.Secret.Reveal()))
	w.must(err)
	w.mails()
	w.must(w.Forgot(w.ctx, "ada@example.org", home))
	reset := w.token()
	c, _, err := w.Caller(w.ctx, app.Key)
	w.must(err)
	secrets := []string{goodPassword, token, app.Secret.Reveal(), e.Secret.Reveal(), codes[0].Reveal(), strings.ReplaceAll(codes[0].Reveal(), "-", ""), reset}

	var log strings.Builder
	logger := slog.New(slog.NewJSONHandler(&log, nil))
	logger.Info("values", "credentials", app, "enrolment", e, "codes", codes, "caller", c, "token", Secret(token), "viewer", v)
	fmt.Fprintf(&log, "%v %+v %#v %s %q", app, e, c, codes, Secret(token))
	where := map[string]string{"log": log.String()}
	files, err := filepath.Glob(filepath.Join(filepath.Dir(w.path), "*"))
	w.must(err)
	for _, f := range files {
		b, err := os.ReadFile(f)
		w.must(err)
		where[filepath.Base(f)] = string(b)
	}
	if !strings.Contains(where["store.db"]+where["store.db-wal"], "ada@example.org") {
		t.Fatal("the database was not read")
	}
	for name, text := range where {
		for i, s := range secrets {
			if strings.Contains(text, s) {
				t.Errorf("%s holds secret %d", name, i)
			}
		}
	}
}
