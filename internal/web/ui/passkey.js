// Asks the browser for a passkey, and sends the form with its answer. The question stands in the form, as JSON.
const form = document.querySelector("form[data-passkey]");
const say = (what) => form.querySelectorAll("[data-say]").forEach((p) => { p.hidden = p.dataset.say !== what; });

const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

// read turns the texts of a question into the bytes that browsers take.
const read = (question) => {
	const o = JSON.parse(question);
	const named = (list) => (list || []).map((c) => ({ ...c, id: bytes(c.id) }));
	o.challenge = bytes(o.challenge);
	if (o.user) {
		o.user.id = bytes(o.user.id);
		o.excludeCredentials = named(o.excludeCredentials);
	} else {
		o.allowCredentials = named(o.allowCredentials);
	}
	return o;
};

// write turns an answer into texts.
const write = (c) => {
	const r = { clientDataJSON: text(c.response.clientDataJSON) };
	for (const name of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
		if (c.response[name]) {
			r[name] = text(c.response[name]);
		}
	}
	if (c.response.getTransports) {
		r.transports = c.response.getTransports();
	}
	return JSON.stringify({ id: c.id, rawId: text(c.rawId), type: c.type, clientExtensionResults: {}, response: r });
};

const ask = async () => {
	say("");
	try {
		const publicKey = read(form.dataset.question);
		const made = form.dataset.passkey === "create" ? await navigator.credentials.create({ publicKey }) : await navigator.credentials.get({ publicKey });
		form.elements.answer.value = write(made);
		form.submit();
	} catch {
		say("refused"); // the person changed its mind, nothing here has such a passkey, or time ran out: asking again is all there is to do
	}
};

if (window.PublicKeyCredential && navigator.credentials) {
	const button = form.querySelector("[data-ask]");
	button.hidden = false;
	button.addEventListener("click", ask);
	ask();
} else {
	say("unable");
}
