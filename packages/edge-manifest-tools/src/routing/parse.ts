import { endpointOf, sourceOf } from "./addresses";
import { parseExpression } from "./expression";
import { type Expression, type Route, RouteSyntaxError } from "./syntax";
import { TokenReader } from "./token-reader";

/**
 * A route's source, condition and endpoint, by the grammar of the runtime's edge hub (Azure/iotedge,
 * `Microsoft.Azure.Devices.Routing.Core/grammar/Route.g4` and `Condition.g4`). Keywords are taken in any case.
 *
 * Types are not looked at: `conditionErrors` does.
 *
 * @throws RouteSyntaxError where the edge hub would refuse the text
 */
export function parseRoute(text: string): Route {
  const tokens = new TokenReader(text);
  if (tokens.takeKeyword("SELECT")) {
    tokens.expectSymbol("*", "SELECT is followed by *");
  }
  if (!tokens.takeKeyword("FROM")) {
    throw new RouteSyntaxError("the route does not start with FROM", tokens.offset);
  }
  const source = parseSource(tokens);
  let condition: Expression | undefined;
  if (tokens.takeKeyword("WHERE")) {
    condition = parseExpression(tokens);
  }
  if (!tokens.takeKeyword("INTO")) {
    throw tokens.unexpected(condition === undefined ? "WHERE or INTO" : "an operator or INTO");
  }
  const endpoint = parseEndpoint(tokens);
  return {
    source,
    ...(condition !== undefined && { condition }),
    endpoint,
    ...(tokens.next !== undefined && { ignoredFrom: tokens.offset }),
  };
}

function parseSource(tokens: TokenReader): Route["source"] {
  const offset = tokens.offset;
  let text = "";
  do {
    tokens.expectSymbol("/", "a source starts with /", "write for example FROM /messages/*");
    const item = tokens.next;
    if (item?.kind === "identifier" || item?.text === "*") {
      text += `/${item.text}`;
      tokens.skip();
    } else if (item !== undefined && /^(keyword|literal|integer|hex|real)$/.test(item.kind)) {
      throw new RouteSyntaxError(
        `a source cannot name ${item.text}: to the runtime it is a keyword or a number`,
        item.offset,
        "give the module or output a name that is neither",
      );
    } else {
      throw tokens.unexpected("a name or *", "write for example FROM /messages/*");
    }
  } while (tokens.next?.text === "/");
  return sourceOf(text, offset);
}

function parseEndpoint(tokens: TokenReader): Route["endpoint"] {
  const remedy = 'write INTO $upstream, or INTO BrokeredEndpoint("/modules/a/inputs/b")';
  const token = tokens.next;
  if (token?.kind === "systemProperty") {
    tokens.skip();
    if (token.text.toLowerCase() !== "$upstream") {
      throw new RouteSyntaxError(`there is no endpoint ${token.text}`, token.offset, remedy);
    }
    return { kind: "upstream", offset: token.offset };
  }
  if (token?.kind !== "identifier") {
    throw tokens.unexpected("an endpoint", remedy);
  }
  tokens.skip();
  if (token.text.toLowerCase() !== "brokeredendpoint") {
    throw new RouteSyntaxError(`there is no endpoint ${token.text}`, token.offset, remedy);
  }
  tokens.expectSymbol("(", "BrokeredEndpoint is followed by (", remedy);
  const address = tokens.next;
  if (address?.kind !== "string") {
    throw tokens.unexpected("the input's address in quotes", remedy);
  }
  tokens.skip();
  const endpoint = endpointOf(address.text.slice(1, -1), address.offset, remedy);
  tokens.expectSymbol(")", "the address is followed by )", remedy);
  return endpoint;
}
