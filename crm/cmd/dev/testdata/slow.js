(most) => {
	const wait = (ms) => new Promise((done) => setTimeout(done, ms));
	const through = window.fetch;
	window.fetch = async (...call) => {
		const answer = await through(...call);
		await wait(Math.random() * most);
		return answer;
	};
	// A socket's messages, and its end, come late too, in their order.
	window.WebSocket = class extends WebSocket {
		#line = Promise.resolve();
		#later(run) {
			const due = performance.now() + Math.random() * most;
			this.#line = this.#line.then(() => wait(due - performance.now()));
			this.#line.then(run);
		}
		set onmessage(hear) { super.onmessage = (event) => this.#later(() => hear(event)); }
		set onclose(end) { super.onclose = (event) => this.#later(() => end(event)); }
	};
}
