package people

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/clickledger/clickledger/internal/app/people/passwords"
	"github.com/clickledger/clickledger/internal/store"
)

// device holds one passkey, as a security key or a telephone does, and can be made to lie.
type device struct {
	t       *testing.T
	key     *ecdsa.PrivateKey
	id      []byte
	person  []byte
	counter uint32
	checks  bool   // it checks who uses it
	origin  string // of the page that it thinks it is on
}

func newDevice(t *testing.T) *device {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return &device{t: t, key: key, id: []byte("credential " + rand.Text()), checks: true, origin: "https://aff.example"}
}

var b64 = base64.RawURLEncoding

func (d *device) data(kind, question string) []byte {
	var q struct {
		Challenge string `json:"challenge"`
		User      struct {
			ID string `json:"id"`
		} `json:"user"`
	}
	if err := json.Unmarshal([]byte(question), &q); err != nil {
		d.t.Fatal(err)
	}
	if id, err := b64.DecodeString(q.User.ID); err == nil && len(id) > 0 {
		d.person = id
	}
	b, err := json.Marshal(map[string]any{"type": kind, "challenge": q.Challenge, "origin": d.origin, "crossOrigin": false})
	if err != nil {
		d.t.Fatal(err)
	}
	return b
}

func (d *device) auth(flags byte) []byte {
	hash := sha256.Sum256([]byte("aff.example"))
	if d.checks {
		flags |= 0x04
	}
	return binary.BigEndian.AppendUint32(append(hash[:], flags|0x01), d.counter)
}

func (d *device) answer(response map[string]any) string {
	for k, v := range response {
		if b, ok := v.([]byte); ok {
			response[k] = b64.EncodeToString(b)
		}
	}
	id := b64.EncodeToString(d.id)
	b, err := json.Marshal(map[string]any{"id": id, "rawId": id, "type": "public-key", "clientExtensionResults": map[string]any{}, "response": response})
	if err != nil {
		d.t.Fatal(err)
	}
	return string(b)
}

// create makes the passkey.
func (d *device) create(question string) string {
	data := d.data("webauthn.create", question)
	auth := append(d.auth(0x40), make([]byte, 16)...)
	auth = append(binary.BigEndian.AppendUint16(auth, uint16(len(d.id))), d.id...)
	point, err := d.key.PublicKey.Bytes()
	if err != nil {
		d.t.Fatal(err)
	}
	auth = append(auth, 0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20)
	auth = append(append(append(auth, point[1:33]...), 0x22, 0x58, 0x20), point[33:]...)
	object := append([]byte("\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58"), byte(len(auth)))
	return d.answer(map[string]any{"clientDataJSON": data, "attestationObject": append(object, auth...)})
}

// get signs a question.
func (d *device) get(question string) string {
	data := d.data("webauthn.get", question)
	d.counter++
	auth := d.auth(0)
	hash := sha256.Sum256(data)
	signed := sha256.Sum256(append(append([]byte{}, auth...), hash[:]...))
	sig, err := ecdsa.SignASN1(rand.Reader, d.key, signed[:])
	if err != nil {
		d.t.Fatal(err)
	}
	return d.answer(map[string]any{"clientDataJSON": data, "authenticatorData": auth, "signature": sig, "userHandle": d.person})
}

// withPasskey gives a viewer a passkey.
func (w *world) withPasskey(v Viewer, name string) *device {
	w.Helper()
	d := newDevice(w.T)
	q, err := w.StartPasskey(w.ctx, v, name)
	w.must(err)
	w.must(w.AddPasskey(w.ctx, v, name, d.create(q)))
	return d
}

// details returns what the audit log says more of an action.
func (w *world) details(action string) string {
	w.Helper()
	var all []string
	w.must(w.store.View(w.ctx, func(tx store.Tx) error {
		es, err := tx.Platform().Accounts().Audit().After(w.ctx, 0, 1000)
		for _, e := range es {
			if e.Action == action {
				all = append(all, e.Detail)
			}
		}
		return err
	}))
	return strings.Join(all, " ")
}

func (w *world) askPasskey() string {
	w.Helper()
	q, err := w.AskPasskey(w.ctx, home)
	w.must(err)
	return q
}

// A passkey is made, signs in as both factors, stands in for the code and for the proof, and is removed; its person is told.
func TestPasskeys(t *testing.T) {
	w := newWorld(t)
	w.publisher("ada@example.org")
	v, _ := w.signIn("ada@example.org")
	d := w.withPasskey(v, " Ada's   phone ")
	if m := w.mails(); len(m) != 1 || m[0].Subject != "A passkey was added" || !strings.Contains(m[0].Text, "Ada's phone") {
		t.Errorf("the e-mails: %+v", m)
	}
	secret, _ := w.withFactor(v)
	in, err := w.SignInWithPasskey(w.ctx, d.get(w.askPasskey()), home)
	w.must(err)
	v = w.viewer(in.Token.Reveal())
	if in.Factor || v.Email != "ada@example.org" || !v.Proved(w.clock) || !v.HasPasskey {
		t.Errorf("the session is %+v of %+v", in, v)
	}

	// In place of the code.
	in, err = w.SignIn(w.ctx, "ada@example.org", goodPassword, home)
	w.must(err)
	half := in.Token.Reveal()
	if !in.Factor || !w.FactorByPasskey(w.ctx, half) {
		t.Error("the passkey does not stand in for the code")
	}
	q, err := w.AskFactor(w.ctx, half)
	w.must(err)
	answer := d.get(q)
	_, err = w.SignInWithPasskey(w.ctx, answer, home)
	w.is(err, ErrWrong, "an answer to the question for a second factor, to sign in")
	q, err = w.AskFactor(w.ctx, half)
	w.must(err)
	fresh, err := w.SecondFactorWithPasskey(w.ctx, half, d.get(q), home)
	w.must(err)
	if fresh.Reveal() == half || w.viewer(half).Person != "" {
		t.Error("the session goes on under the token of its first half")
	}

	// In place of the proof: with the device's check only.
	v = w.viewer(fresh.Reveal())
	w.pass(StepUpFor + time.Second)
	w.is(w.RemovePasskey(w.ctx, v, b64.EncodeToString(d.id)), ErrStepUp, "removing without a recent proof")
	_, err = w.StartPasskey(w.ctx, v, "another")
	w.is(err, ErrStepUp, "adding without a recent proof")
	q, err = w.AskProof(w.ctx, v)
	w.must(err)
	d.checks = false
	_, err = w.ProveWithPasskey(w.ctx, v, d.get(q))
	w.is(err, ErrWrong, "a proof without the device's check")
	d.checks = true
	q, err = w.AskProof(w.ctx, v)
	w.must(err)
	token, err := w.ProveWithPasskey(w.ctx, v, d.get(q))
	w.must(err)
	v = w.viewer(token.Reveal())
	if !v.Proved(w.clock) || w.viewer(fresh.Reveal()).Person != "" {
		t.Error("the proof does not count, or the session goes on under its old token")
	}

	// Possession alone is no two factors.
	d.checks = false
	_, err = w.SignInWithPasskey(w.ctx, d.get(w.askPasskey()), home)
	w.is(err, ErrUnverified, "a passkey that nobody checked, of somebody with a second factor")
	d.checks = true

	all, err := w.Passkeys(w.ctx, v)
	w.must(err)
	if len(all) != 1 || all[0].Name != "Ada's phone" || all[0].Used.IsZero() {
		t.Errorf("the passkeys: %+v", all)
	}
	w.mails()
	w.must(w.RemovePasskey(w.ctx, v, all[0].ID))
	if m := w.mails(); len(m) != 1 || m[0].Subject != "A passkey was removed" {
		t.Errorf("the e-mails: %+v", m)
	}
	_, err = w.SignInWithPasskey(w.ctx, d.get(w.askPasskey()), home)
	w.is(err, ErrWrong, "a passkey that was removed")
	w.pass(period)
	in, err = w.SignIn(w.ctx, "ada@example.org", goodPassword, home)
	w.must(err)
	_, err = w.SecondFactor(w.ctx, in.Token.Reveal(), w.code(secret), home)
	w.must(err)
	for _, want := range []string{"passkey.added", "passkey.removed", "passkey.refused"} {
		if !strings.Contains(w.actions(), want) {
			t.Errorf("the audit log lacks %s: %s", want, w.actions())
		}
	}
}

// What is not an answer of this passkey, at this site, to this question, now, is refused and stands in the audit log.
func TestPasskeysRefuse(t *testing.T) {
	w := newWorld(t)
	w.publisher("ada@example.org")
	w.publisher("eve@example.org")
	v, _ := w.signIn("ada@example.org")
	d := w.withPasskey(v, "phone")
	ev, _ := w.signIn("eve@example.org")
	evil := w.withPasskey(ev, "phone")
	w.mails()

	answer := d.get(w.askPasskey())
	_, err := w.SignInWithPasskey(w.ctx, answer, home)
	w.must(err)
	refused := func(doing, answer string) {
		t.Helper()
		before := strings.Count(w.actions(), "passkey.refused")
		_, err := w.SignInWithPasskey(w.ctx, answer, home)
		w.is(err, ErrWrong, doing)
		if strings.Count(w.actions(), "passkey.refused") != before+1 {
			t.Errorf("%s: the audit log does not tell of it", doing)
		}
	}
	refused("an answer again", answer)
	refused("nonsense", "{")
	refused("an answer to no question", d.get(`{"challenge":"`+b64.EncodeToString([]byte("a challenge that nobody asked for"))+`"}`))

	late := w.askPasskey()
	w.pass(passkeyFor)
	refused("an answer that comes too late", d.get(late))

	d.origin = "https://aff.example.evil.example"
	refused("a page elsewhere", d.get(w.askPasskey()))
	d.origin = "https://aff.example"

	newest := d.counter
	d.counter = 0 // as a copy that was made before the first use
	refused("a counter that does not rise", d.get(w.askPasskey()))
	if log := w.details("passkey.refused"); !strings.Contains(log, `"reason":"counter"`) {
		t.Errorf("the audit log does not say that the counter did not rise: %s", log)
	}
	d.counter = newest

	evil.person = d.person
	refused("a passkey of somebody else", evil.get(w.askPasskey()))
	evil.id, d.id = d.id, evil.id
	refused("the key of somebody else under the name of one's own passkey", evil.get(w.askPasskey()))
	evil.id, d.id = d.id, evil.id

	// A refused answer uses its question up.
	q := w.askPasskey()
	d.origin = "https://evil.example"
	refused("a page elsewhere", d.get(q))
	d.origin = "https://aff.example"
	refused("the right answer to a question that was used up", d.get(q))

	// A proof for one session is none for another, and nobody proves with somebody else's passkey.
	v2, _ := w.signIn("ada@example.org")
	q, err = w.AskProof(w.ctx, v)
	w.must(err)
	_, err = w.ProveWithPasskey(w.ctx, v2, d.get(q))
	w.is(err, ErrWrong, "a proof for another session")
	q, err = w.AskProof(w.ctx, v)
	w.must(err)
	_, err = w.ProveWithPasskey(w.ctx, v, evil.get(q))
	w.is(err, ErrWrong, "a proof with somebody else's passkey")
	w.is(w.RemovePasskey(w.ctx, v, b64.EncodeToString(evil.id)), ErrForbidden, "removing somebody else's passkey")
	q, err = w.StartPasskey(w.ctx, v, "stolen")
	w.must(err)
	w.is(w.AddPasskey(w.ctx, ev, "stolen", newDevice(t).create(q)), ErrWrong, "a new passkey for another person's question")

	// All that was refused left what is right as it was.
	_, err = w.SignInWithPasskey(w.ctx, d.get(w.askPasskey()), home)
	w.must(err)
	admin := w.operatorAs("admin@example.org", Admin)
	w.must(w.Lock(w.ctx, admin, v.Person))
	_, err = w.SignInWithPasskey(w.ctx, d.get(w.askPasskey()), home)
	w.is(err, ErrWrong, "somebody who is kept out")
}

// Where browsers know no passkeys, everything else works.
func TestPasskeysNeedAName(t *testing.T) {
	w := newWorld(t)
	for site, want := range map[string]bool{"https://aff.example": true, "http://localhost:8080": true, "http://aff.example": false, "https://192.0.2.1": false, "http://127.0.0.1:8080": false, "": false} {
		if got := newService(w.store, w.box, site, time.Now, passwords.Cost{Memory: 64, Time: 1, Threads: 1}).OffersPasskeys(); got != want {
			t.Errorf("%q offers passkeys: %v", site, got)
		}
	}
	w.keys = nil
	w.publisher("ada@example.org")
	v, _ := w.signIn("ada@example.org")
	_, err := w.StartPasskey(w.ctx, v, "phone")
	w.is(err, ErrForbidden, "a passkey without a name")
	_, err = w.AskPasskey(w.ctx, home)
	w.is(err, ErrForbidden, "a passkey without a name")
}
