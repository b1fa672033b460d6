/** The page itself holds no script: what it runs comes in files of its own, so that nothing inline need be allowed. */
export const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Sundial API</title>
    <link rel="icon" href="data:,">
    <link rel="stylesheet" href="/docs/swagger-ui.css">
    <script src="/docs/swagger-ui-bundle.js" defer></script>
    <script src="/docs/reference.js" defer></script>
  </head>
  <body>
    <div id="reference"></div>
    <noscript>The reference needs JavaScript; <a href="/openapi.json">openapi.json</a> says the same.</noscript>
  </body>
</html>
`;

/** Without `validatorUrl: null` the library would show the document's address to a server of its makers. */
export const SCRIPT = `SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#reference',
  deepLinking: true,
  filter: true,
  validatorUrl: null,
  defaultModelRendering: 'example',
  defaultModelsExpandDepth: 0,
  docExpansion: 'list',
});
`;
