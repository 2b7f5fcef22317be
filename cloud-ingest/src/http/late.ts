import type { FastifyInstance, FastifySchemaCompiler, FastifySerializerCompiler } from "fastify";

/** Compiles a schema with the first value: the API has a hundred routes, most of which nobody asks in the hours after a start. */
export function lateValidator<Schema>(compile: FastifySchemaCompiler<Schema>): FastifySchemaCompiler<Schema> {
  return (route) => {
    let validate: ReturnType<typeof compile> | undefined;
    return (value) => {
      validate ??= compile(route);
      return validate(value);
    };
  };
}

/**
 * The routes added to `app` and its children from now on have what writes their answers made with the first answer. `app` itself must have a route
 * with an answer already: fastify has made the compiler for that.
 */
export function writeLate(app: FastifyInstance): void {
  const compile: FastifySerializerCompiler<unknown> = (route) => {
    let write: ReturnType<FastifySerializerCompiler<unknown>> | undefined;
    return (value) => {
      write ??= (app.serializerCompiler as FastifySerializerCompiler<unknown>)(route);
      return write(value);
    };
  };
  app.addHook("onRoute", (route) => {
    route.serializerCompiler = compile;
  });
}
