// Puts GraphiQL on the page and lets it talk to /graphql with the visitor's session.
'use strict';

const wanted = (params, options) => {
  const operations = options?.documentAST?.definitions.filter(
    (definition) => definition.kind === 'OperationDefinition',
  );
  return operations?.find(
    (operation) => !params.operationName || operation.name?.value === params.operationName,
  );
};

const ask = (params, accept, headers) =>
  fetch('/graphql', {
    method: 'POST',
    credentials: 'same-origin',
    headers: { ...headers, accept, 'content-type': 'application/json' },
    body: JSON.stringify(params),
  });

// Reads the events of an answer, one result after the other, until the event `complete`.
async function* follow(params, headers) {
  const answer = await ask(params, 'text/event-stream', headers);
  if (!answer.headers.get('content-type')?.startsWith('text/event-stream')) {
    yield await answer.json();
    return;
  }
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      text += value;
      const events = text.split('\n\n');
      text = events.pop();
      for (const event of events) {
        if (event.includes('event: complete')) return;
        const data = event.split('\n').filter((line) => line.startsWith('data: '));
        if (data.length > 0) yield JSON.parse(data.map((line) => line.slice(6)).join('\n'));
      }
    }
  } finally {
    await reader.cancel();
  }
}

const fetcher = (params, options) => {
  const headers = options?.headers ?? {};
  if (wanted(params, options)?.operation === 'subscription') return follow(params, headers);
  const accept = 'application/graphql-response+json, application/json;q=0.9';
  return ask(params, accept, headers).then((answer) => answer.json());
};

const defaultQuery = `# Ctrl-Enter carries this out. The schema is under the book on the left.
{
  viewer {
    __typename
  }
}
`;

ReactDOM.createRoot(document.getElementById('graphiql')).render(
  React.createElement(GraphiQL, { fetcher, defaultQuery, shouldPersistHeaders: false }),
);
