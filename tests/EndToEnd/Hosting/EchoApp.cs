using Tributary.Tests.EndToEnd.Processes;

namespace Tributary.Tests.EndToEnd.Hosting;

/// <summary>A function app whose handler does what a test says: to see what the host's double makes of it.</summary>
internal sealed class EchoApp : IDisposable
{
    public const string Echo = "Echo";

    /// <summary>
    /// Timer functions answer as their names say (see <see cref="Answers"/>); anything else is answered with what the
    /// handler received.
    /// </summary>
    private const string Handler = """
        const http = require('node:http');
        const answers = JSON.parse(process.env.ANSWERS);
        const echo = (request, body) => JSON.stringify({
          method: request.method, url: request.url, headers: request.headers, body,
          environment: process.env, directory: process.cwd() });
        http.createServer((request, response) => {
          let body = '';
          request.on('data', part => body += part);
          request.on('end', () => {
            const answer = request.method === 'POST' && answers[request.url.slice(1)];
            if (!answer) {
              response.writeHead(200, { 'Content-Type': 'application/json', 'X-Own': 'kept' });
              response.end(echo(request, body));
            } else if (answer.exit !== undefined) {
              process.exit(answer.exit);
            } else {
              response.writeHead(answer.status, answer.headers);
              if (answer.chunked) { response.flushHeaders(); }
              response.end(answer.body);
            }
          });
        }).listen(Number(process.env.FUNCTIONS_CUSTOMHANDLER_PORT), '127.0.0.1');
        """;

    private readonly TemporaryFolder folder = new();

    /// <param name="answers">By function, what the handler answers, as JSON.</param>
    public EchoApp(IReadOnlyDictionary<string, string> answers)
    {
        Requirement.Program("node", "nodejs");
        folder.Write("handler.js", Handler);
        folder.Write(
            "host.json",
            """
            { "version": "2.0", "functionTimeout": "00:01:00", "extensions": { "http": { "routePrefix": "" } },
              "customHandler": {
                "description": { "defaultExecutablePath": "node", "arguments": ["handler.js", "%NOT_SET%"] },
                "enableProxyingHttpRequest": true, "enableForwardingHttpRequest": true } }
            """
        );
        Http(Echo, "zz/{*rest}", "get", "post");
        foreach (var name in answers.Keys)
        {
            folder.Write(
                $"{name}/function.json",
                """{"bindings":[{"type":"timerTrigger","direction":"in","name":"timer","schedule":"%WHEN%"}]}"""
            );
        }
        Answers = "{" + string.Join(',', answers.Select(answer => $"\"{answer.Key}\":{answer.Value}")) + "}";
    }

    public string Root => folder.Path;

    private string Answers { get; }

    /// <summary>Adds or replaces an HTTP function.</summary>
    public void Http(string name, string route, params string[] methods) =>
        folder.Write(
            $"{name}/function.json",
            $$"""
            { "bindings": [
                { "type": "httpTrigger", "direction": "in", "name": "req", "authLevel": "anonymous",
                  "methods": [{{string.Join(',', methods.Select(method => $"\"{method}\""))}}], "route": "{{route}}" },
                { "type": "http", "direction": "out", "name": "res" } ] }
            """
        );

    public void Write(string name, string text) => folder.Write(name, text);

    public HostOptions Options(params (string Name, string Value)[] settings) =>
        new()
        {
            AppRoot = Root,
            FiresTimers = false,
            Settings = settings
                .Append(("ANSWERS", Answers))
                .Append(("WHEN", "0 * * * * *"))
                .DistinctBy(setting => setting.Item1)
                .ToDictionary(setting => setting.Item1, setting => setting.Item2, StringComparer.Ordinal),
        };

    public void Dispose() => folder.Dispose();
}
