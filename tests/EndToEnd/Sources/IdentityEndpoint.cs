using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.AspNetCore.Http;
using Tributary.Tests.Unit.Stores;

namespace Tributary.Tests.EndToEnd.Sources;

/// <summary>A double of the endpoints for managed identities that App Service and Functions give their apps, and that machines have.</summary>
/// <remarks>
/// https://learn.microsoft.com/azure/app-service/overview-managed-identity#rest-endpoint-reference and
/// https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token#get-a-token-using-http
/// </remarks>
internal sealed class IdentityEndpoint : IAsyncDisposable
{
    /// <summary>What it wants to see in <c>X-IDENTITY-HEADER</c>.</summary>
    public const string Header = "the-identity-header-of-the-test";

    /// <summary>The client ID of the identity that the app has.</summary>
    public const string ClientId = "11111111-2222-3333-4444-555555555555";

    private const string TokenPath = "msi/token";
    private const string MachinePath = "metadata/identity/oauth2/token";

    private readonly DemandingServer server;
    private readonly ConcurrentQueue<Issued> issued = new();
    private int refused;
    private volatile bool isDown;

    private IdentityEndpoint(DemandingServer server)
    {
        this.server = server;
        server.Answer(TokenPath, context => AnswerAsync(context, IsOfApp(context)));
        server.Answer(MachinePath, context => AnswerAsync(context, IsOfMachine(context)));
    }

    /// <summary>How long tokens last, by their audience; others last an hour.</summary>
    public ConcurrentDictionary<string, TimeSpan> Lifetimes { get; } = new(StringComparer.Ordinal);

    /// <summary>Whether it fails.</summary>
    public bool IsDown
    {
        get => isDown;
        set => isDown = value;
    }

    /// <summary>How many requests it has refused.</summary>
    public int Refused => Volatile.Read(ref refused);

    /// <summary>The tokens that it gave, in order.</summary>
    public IReadOnlyList<Issued> Tokens => [.. issued];

    /// <summary>The variables that tell an app of it.</summary>
    public IReadOnlyDictionary<string, string> Variables =>
        new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["IDENTITY_ENDPOINT"] = $"http://{server.Authority}/{TokenPath}",
            ["IDENTITY_HEADER"] = Header,
        };

    /// <summary>The variables by which it stands for the endpoint of a machine, whose address is fixed.</summary>
    public IReadOnlyDictionary<string, string> MachineVariables =>
        new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["AZURE_POD_IDENTITY_AUTHORITY_HOST"] = $"http://{server.Authority}",
        };

    public static async Task<IdentityEndpoint> StartAsync() => new(await DemandingServer.StartAsync());

    /// <summary>The tokens for an audience, in order.</summary>
    public IReadOnlyList<Issued> For(string audience) => [.. issued.Where(token => token.Audience == audience)];

    /// <summary>Whether a request brings a token for an audience that is not over.</summary>
    public bool Takes(HttpContext context, string audience) =>
        For(audience)
            .Any(token =>
                context.Request.Headers.Authorization == "Bearer " + token.Text
                && DateTimeOffset.UtcNow < token.ExpiresAt
            );

    public ValueTask DisposeAsync() => server.DisposeAsync();

    private static (int Status, string Body) IsOfApp(HttpContext context) =>
        context.Request.Headers["X-IDENTITY-HEADER"] != Header ? (401, "no")
        : context.Request.Query["api-version"] != "2019-08-01" || context.Request.Query["client_id"] != ClientId
            ? (400, """{"statusCode":400,"message":"No User Assigned or Delegated Managed Identity found"}""")
        : (200, "");

    /// <summary>A machine has a system-assigned identity here, and no other.</summary>
    private static (int Status, string Body) IsOfMachine(HttpContext context) =>
        context.Request.Headers["Metadata"] != "true"
        || context.Request.Query["api-version"] != "2018-02-01"
        || context.Request.Query.ContainsKey("client_id")
            ? (400, """{"error":"invalid_request","error_description":"Identity not found"}""")
            : (200, "");

    private Task AnswerAsync(HttpContext context, (int Status, string Body) verdict)
    {
        var (status, problem) = IsDown ? (500, """{"statusCode":500,"message":"out of order"}""") : verdict;
        if (status != 200)
        {
            Interlocked.Increment(ref refused);
            return DemandingServer.TextAsync(context, status, problem, "application/json");
        }
        var audience = context.Request.Query["resource"].ToString();
        var now = DateTimeOffset.UtcNow;
        // Ends are whole seconds, in the token and beside it.
        var end = (now + Lifetimes.GetValueOrDefault(audience, TimeSpan.FromHours(1))).ToUnixTimeSeconds();
        var expires = DateTimeOffset.FromUnixTimeSeconds(end);
        var token = UnsignedToken.Make(audience, expires);
        issued.Enqueue(new Issued(audience, token, now, expires));
        return DemandingServer.TextAsync(
            context,
            200,
            string.Create(
                CultureInfo.InvariantCulture,
                $$"""{"access_token":"{{token}}","client_id":"{{ClientId}}","expires_on":"{{end}}","resource":"{{audience}}","token_type":"Bearer"}"""
            ),
            "application/json"
        );
    }

    /// <summary>A token that was given.</summary>
    internal sealed record Issued(string Audience, string Text, DateTimeOffset At, DateTimeOffset ExpiresAt);
}
