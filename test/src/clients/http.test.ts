import { afterEach, describe, expect, it } from "vitest";
import { type HttpRequest, patienceAsked } from "../../../src/clients/http.ts";
import { TransportFault } from "../../../src/clients/transport.ts";
import { answering, FakeTime, failure, httpWith, json, plain, type SmallServer } from "../support.ts";

let server: SmallServer | undefined;
afterEach(() => server?.close());

const call = { service: "Test", call: "GET /x" } as const;

async function ask(answers: Parameters<typeof answering>[1][], changes: Partial<HttpRequest> = {}) {
  server = await answering("service.test.localhost", ...answers);
  const time = new FakeTime();
  const request: HttpRequest = { ...call, method: "GET", url: `${server.url}/x?secret=s3cret`, ...changes };
  return { time, request, answer: httpWith(time).send(request) };
}

describe("http", () => {
  it("reaches .localhost without asking a resolver", async () => {
    const { answer } = await ask([json(200, { fine: true })]);
    expect((await answer).json()).toEqual({ fine: true });
    expect(server?.requests[0]?.headers.host).toMatch(/^service\.test\.localhost:\d+$/);
  });

  it("does not speak plain http to anything but loopback", async () => {
    const error = await failure(
      httpWith(new FakeTime()).send({ ...call, method: "GET", url: "http://example.com/" }),
    );
    expect(error.code).toBe("service-unreachable");
  });

  it("waits as long as Retry-After says, in seconds", async () => {
    const { answer, time } = await ask([plain(429, "", { "retry-after": "7" }), json(200, {})]);
    await answer;
    expect(time.slept).toEqual([7_000]);
  });

  it("waits until the date that Retry-After names, by the service's own clock", () => {
    const headers = {
      date: "Mon, 23 Nov 2026 10:00:00 GMT",
      "retry-after": "Mon, 23 Nov 2026 10:00:30 GMT",
    };
    expect(patienceAsked({ status: 503, headers, body: new Uint8Array() }, 0)).toBe(30_000);
  });

  it("understands GitHub's limits, which come as 403", () => {
    const headers = { "x-ratelimit-remaining": "0", "x-ratelimit-reset": "100" };
    expect(patienceAsked({ status: 403, headers, body: new Uint8Array() }, 40_000)).toBe(60_000);
    expect(patienceAsked({ status: 403, headers: {}, body: new Uint8Array() }, 0)).toBeUndefined();
  });

  it("gives up at once where it would have to wait past the deadline", async () => {
    const { answer, time } = await ask([plain(429, "", { "retry-after": "3600" })]);
    expect((await failure(answer)).code).toBe("service-throttled");
    expect(time.slept).toEqual([]);
  });

  it("does a POST again where it was told to come back, never after 500 or a 503 without a time", async () => {
    const post = { method: "POST", body: "x" } as const;
    const first = await ask([plain(503, "", { "retry-after": "1" }), plain(429, ""), json(201, {})], post);
    expect((await first.answer).status).toBe(201);
    for (const status of [500, 503]) {
      await server?.close();
      const second = await ask([plain(status, ""), json(201, {})], post);
      expect((await failure(second.answer)).code).toBe("service-failing");
      expect(server?.requests.length).toBe(1);
    }
  });

  it("does not do a POST again whose kept-alive connection broke: it may have arrived", async () => {
    const time = new FakeTime();
    server = await answering(
      "service.test.localhost",
      json(200, {}),
      (response) => response.destroy(),
      json(201, {}),
    );
    const http = httpWith(time);
    await http.send({ ...call, method: "GET", url: server.url });
    const error = await failure(http.send({ ...call, method: "POST", url: server.url }));
    expect([error.code, server.requests.length]).toEqual(["service-unreachable", 2]);
  });

  it("waits five minutes at most", async () => {
    const { answer, time } = await ask([plain(429, "", { "retry-after": "301" })]);
    expect((await failure(answer)).code).toBe("service-throttled");
    expect(time.slept).toEqual([]);
  });

  it("does a GET again after 500, six times at most", async () => {
    const { answer } = await ask([plain(500, "")]);
    expect((await failure(answer)).code).toBe("service-failing");
    expect(server?.requests.length).toBe(6);
  });

  it("does not do a POST again whose answer was lost", async () => {
    const { answer } = await ask([(response) => response.destroy()], { method: "POST" });
    expect((await failure(answer)).code).toBe("service-unreachable");
    expect(server?.requests.length).toBe(1);
  });

  it("does anything again that never got there", async () => {
    let times = 0;
    const http = httpWith(new FakeTime(), {
      transport: async () => {
        times += 1;
        if (times < 3) throw new TransportFault("connect", "ECONNREFUSED");
        return { status: 200, headers: {}, body: new Uint8Array() };
      },
    });
    await http.send({ ...call, method: "POST", url: "https://service.example/" });
    expect(times).toBe(3);
  });

  it.each([
    ["HTML", plain(200, "<!doctype html>", { "content-type": "text/html" })],
    ["half a JSON text", plain(200, '{"a":', { "content-type": "application/json" })],
  ])("asks again after %s where JSON belongs, then says so", async (_, answer) => {
    const asked = await ask([answer], { expect: "json", attempts: 2 });
    expect((await failure(asked.answer)).code).toBe("service-answer-unreadable");
    expect(server?.requests.length).toBe(2);
  });

  it("bounds an answer's size", async () => {
    const { answer } = await ask([plain(200, "x".repeat(2_000))], { maxBytes: 1_000 });
    expect((await failure(answer)).code).toBe("service-answer-too-large");
  });

  it("bounds an answer's time", async () => {
    const { answer } = await ask([(response) => response.writeHead(200).write("a")], {
      timeout: 50,
      attempts: 1,
    });
    const error = await failure(answer);
    expect(error.code).toBe("service-unreachable");
    expect(error.detail).toContain("50 ms");
  });

  it("follows no redirect", async () => {
    const { answer } = await ask([plain(302, "", { location: "https://elsewhere.example/" })]);
    expect((await answer).status).toBe(302);
  });

  it("names service, call and host in an error, never the query", async () => {
    const { answer } = await ask([plain(500, "")]);
    const { detail, asked } = await failure(answer);
    expect(asked).toEqual({ service: "Test", call: "GET /x" });
    expect(detail).toMatch(/^Test, GET \/x, service\.test\.localhost:\d+: status 500$/);
  });

  it("ends with its own error once the run's time is over", async () => {
    const time = new FakeTime();
    const http = httpWith(time, { left: () => 0 });
    expect((await failure(http.send({ ...call, method: "GET", url: "https://service.example/" }))).code).toBe(
      "deadline-exceeded",
    );
  });
});
