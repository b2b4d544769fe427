import { randomUUID } from "node:crypto";

/** A refusal as Graph words it. Source: learn.microsoft.com, "Microsoft Graph error responses and resource types". */
export class GraphError extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.name = "GraphError";
    this.status = status;
    this.code = code;
  }

  body(clientRequestId: string | undefined): unknown {
    const requestId = randomUUID();
    return {
      error: {
        code: this.code,
        message: this.message,
        innerError: {
          date: new Date().toISOString().slice(0, 19),
          "request-id": requestId,
          "client-request-id": clientRequestId ?? requestId,
        },
      },
    };
  }
}

export function badRequest(message: string): GraphError {
  return new GraphError(400, "Request_BadRequest", message);
}

export function notFound(id: string): GraphError {
  return new GraphError(
    404,
    "Request_ResourceNotFound",
    `Resource '${id}' does not exist or one of its queried reference-property objects are not present.`,
  );
}

export function denied(): GraphError {
  return new GraphError(
    403,
    "Authorization_RequestDenied",
    "Insufficient privileges to complete the operation.",
  );
}
