using System.Text;
using Tributary.Api;
using Tributary.Configuration;
using Tributary.Configuration.Http;
using Tributary.Functions.CommandLine;
using Tributary.Functions.Hosting;
using Tributary.Functions.Security;
using Tributary.Model;
using Tributary.Storage.Selection;

namespace Tributary.Tests.Unit.Functions;

/// <summary>The real server on a free port with one series, and a client.</summary>
internal sealed class WebPlace : IAsyncDisposable
{
    public const string Token = "token-0123456789";
    public const string Password = "pass:wörd";
    public static readonly string Hash = PasswordHash.Make(Password);

    public static readonly WebConfig WithCredentials = new()
    {
        Users = new Dictionary<string, Secret>(StringComparer.Ordinal) { ["anna"] = Secret.Of(Hash) },
        BearerTokens = [Secret.Of(Token)],
    };

    public static readonly ServerState State = new()
    {
        IsReady = () => true,
        SelectLatest = Latest((_, _) => [new LatestSample(LabelSet.Of("__name__", "up"), 1_700_000_000_000, 1)]),
        ExternalLabels = () => new ExternalLabels(LabelSet.Empty),
        Targets = () => [Api.Targets.Up],
        Metrics = () => new OwnMetricsInput { Version = "1.2.3", Process = ProcessFigures.Read(0) },
        Status = () =>
            new StatusPageInput
            {
                Version = "1.2.3",
                Configuration = "test",
                IsBuiltInConfiguration = false,
                Storage = "none",
                NowMs = 0,
                Targets = [Api.Targets.Up],
            },
    };

    private readonly WebServer server;

    private WebPlace(WebServer server, HttpClient client)
    {
        this.server = server;
        Client = client;
    }

    public HttpClient Client { get; }

    public WebServer Server => server;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public static async Task<WebPlace> StartAsync(
        ServerState state,
        string listen = "127.0.0.1:0",
        HttpMessageHandler? handler = null,
        Action<string>? log = null
    )
    {
        var server = await WebServer.StartAsync(
            ListenAddress.Parse(listen),
            state,
            new ConsoleLoggerFactory(log ?? (_ => { }), TimeProvider.System),
            Cancelled
        );
        var client = new HttpClient(handler ?? new SocketsHttpHandler { AllowAutoRedirect = false })
        {
            BaseAddress = server.Address,
        };
        return new WebPlace(server, client);
    }

    /// <summary>A selection of newest samples that nothing is left out of.</summary>
    public static Func<IReadOnlyList<string>, TimeRange, CancellationToken, Task<LookUp<LatestSample>>> Latest(
        Func<IReadOnlyList<string>, TimeRange, IReadOnlyList<LatestSample>> select
    ) =>
        (selectors, range, _) =>
        {
            try
            {
                return Task.FromResult(new LookUp<LatestSample>(select(selectors, range), []));
            }
            catch (BadRequestException exception)
            {
                return Task.FromException<LookUp<LatestSample>>(exception);
            }
        };

    public static string Basic(string user, string password) =>
        "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}"));

    /// <summary>The answer and its body.</summary>
    public async Task<(HttpResponseMessage Response, string Text)> AskAsync(
        string method,
        string path,
        string? authorization = null,
        string? origin = null
    )
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (authorization is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", authorization);
        }
        if (origin is not null)
        {
            request.Headers.TryAddWithoutValidation("Origin", origin);
        }
        var response = await Client.SendAsync(request, Cancelled);
        return (response, await response.Content.ReadAsStringAsync(Cancelled));
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await server.DisposeAsync();
    }
}
