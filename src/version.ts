/** Version of the action, as evidence tells it; a test holds it to package.json's. */
export const version = "0.1.0";
