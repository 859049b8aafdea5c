// Replaces the fixed address of the service in a package's source by CALCOM_API_URL, while it is loaded. Nothing on disk is
// changed. Used with `node --import`.
import { register } from "node:module";

const hook = `
export async function load(url, context, next) {
  const loaded = await next(url, context);
  if (!url.endsWith("/@calcom/cal-mcp/dist/tools.js")) return loaded;
  const source = loaded.source.toString().replaceAll("https://api.cal.com", ${JSON.stringify(process.env.CALCOM_API_URL)});
  return { ...loaded, source };
}`;
register(`data:text/javascript,${encodeURIComponent(hook)}`);
