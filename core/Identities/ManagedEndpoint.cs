using System.Globalization;
using System.Net.Sockets;

namespace Tributary.Identities;

/// <summary>
/// Asks for tokens of managed identities where their protocol is one GET: beside apps (App Service, Functions, Container
/// Apps) and in virtual machines. Azure's library does the same with a retry that takes minutes, and costs a cold start.
/// </summary>
/// <remarks>
/// https://learn.microsoft.com/azure/app-service/overview-managed-identity#rest-endpoint-reference and
/// https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token#get-a-token-using-http
/// </remarks>
/// <param name="environment">Looks up an environment variable.</param>
/// <param name="time">The clock of waits.</param>
/// <param name="handler">Sends the requests; null is the network, without a proxy.</param>
internal sealed class ManagedEndpoint(
    Func<string, string?> environment,
    TimeProvider time,
    HttpMessageHandler? handler = null
)
{
    private const string MachineHost = "http://169.254.169.254";
    private const int MaxAnswerBytes = 64 * 1024;
    private const int MaxTries = 3;

    /// <summary>One answer.</summary>
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(4);

    /// <summary>All tries and pauses together.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    /// <summary>Before the second try; doubled before the third.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    /// <summary>A machine without such an endpoint does not answer, or says so at once.</summary>
    private static readonly TimeSpan ConnectLimit = TimeSpan.FromSeconds(1);

    private readonly Lazy<HttpMessageInvoker> http = new(() =>
        new HttpMessageInvoker(
            handler
                ?? new SocketsHttpHandler
                {
                    UseProxy = false,
                    UseCookies = false,
                    AllowAutoRedirect = false,
                    ConnectTimeout = ConnectLimit,
                    PooledConnectionIdleTimeout = TimeSpan.FromSeconds(2),
                }
        )
    );

    /// <summary>Whether the surroundings speak one of the two protocols, as against Azure Arc, Service Fabric, and Cloud Shell.</summary>
    public bool IsKnown =>
        Value("IDENTITY_ENDPOINT") is null
            ? Value("MSI_ENDPOINT") is null
            : Value("IDENTITY_HEADER") is not null && Value("IDENTITY_SERVER_THUMBPRINT") is null;

    private string Machine => Value("AZURE_POD_IDENTITY_AUTHORITY_HOST") ?? MachineHost;

    /// <summary>Whether something listens where a machine has its endpoint.</summary>
    public async Task<bool> IsReachableAsync(CancellationToken cancellationToken)
    {
        if (!Uri.TryCreate(Machine, UriKind.Absolute, out var url))
        {
            return false;
        }
        using var limit = new CancellationTokenSource(ConnectLimit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(url.DnsSafeHost, url.Port, either.Token);
            return true;
        }
        catch (Exception exception)
            when (exception is SocketException
                || (exception is OperationCanceledException && limit.IsCancellationRequested)
            )
        {
            return false;
        }
    }

    /// <summary>Asks for a token.</summary>
    /// <exception cref="IdentityException">There is none.</exception>
    public async Task<FetchedToken> AskAsync(AzureIdentity identity, string scope, CancellationToken cancellationToken)
    {
        var header = Value("IDENTITY_ENDPOINT") is null ? null : Value("IDENTITY_HEADER");
        var url = UrlOf(identity, scope, header is not null);
        var place = $"{url.Scheme}://{url.Authority}";
        using var limit = new CancellationTokenSource(Limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        IdentityException? last = null;
        for (var tries = 1; ; tries++)
        {
            try
            {
                var answer = await SendAsync(url, header, either.Token);
                if (answer.Status == 200)
                {
                    return answer.ReadToken(place, time.GetUtcNow());
                }
                last = answer.Refuse(identity, place, header);
            }
            catch (Exception exception) when (exception is HttpRequestException or IOException)
            {
                var what = $"the endpoint for managed identities, {place}, cannot be reached";
                last = new IdentityException($"{identity}: {what}; it is asked again", isPassing: true, exception);
            }
            catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
            {
                var what = $"the endpoint for managed identities, {place}, does not answer";
                last = new IdentityException($"{identity}: {what}; it is asked again", isPassing: true, exception);
            }
            if (!last.IsPassing || tries == MaxTries || !await PauseAsync(tries, limit.Token, cancellationToken))
            {
                throw last;
            }
        }
    }

    private async Task<ManagedAnswer> SendAsync(Uri url, string? header, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        if (header is null)
        {
            request.Headers.TryAddWithoutValidation("Metadata", "true");
        }
        else
        {
            request.Headers.TryAddWithoutValidation("X-IDENTITY-HEADER", header);
        }
        using var response = await http.Value.SendAsync(request, either.Token);
        await using var stream = await response.Content.ReadAsStreamAsync(either.Token);
        var body = new byte[MaxAnswerBytes];
        var length = await stream.ReadAtLeastAsync(body, body.Length, throwOnEndOfStream: false, either.Token);
        return new ManagedAnswer((int)response.StatusCode, body.AsMemory(0, length));
    }

    /// <summary>Waits before another try; false when the time is over.</summary>
    private async Task<bool> PauseAsync(int tries, CancellationToken limit, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit, cancellationToken);
        try
        {
            await Task.Delay(Pause * (1 << (tries - 1)), time, either.Token);
            return !limit.IsCancellationRequested;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    private Uri UrlOf(AzureIdentity identity, string scope, bool isApp)
    {
        var (place, version, resourceId) = isApp
            ? (Value("IDENTITY_ENDPOINT")!, "2019-08-01", "mi_res_id")
            : ($"{Machine.TrimEnd('/')}/metadata/identity/oauth2/token", "2018-02-01", "msi_res_id");
        var query = string.Create(
            CultureInfo.InvariantCulture,
            $"api-version={version}&resource={Uri.EscapeDataString(AudienceOf(scope))}"
        );
        if (identity.ResourceId.Length > 0)
        {
            query += $"&{resourceId}={Uri.EscapeDataString(identity.ResourceId)}";
        }
        else if (identity.ClientId.Length > 0)
        {
            query += $"&client_id={Uri.EscapeDataString(identity.ClientId)}";
        }
        return
            Uri.TryCreate(place, UriKind.Absolute, out var url)
            && (url.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps)
            && url.Query.Length == 0
            ? new Uri($"{place}?{query}")
            : throw new IdentityException(
                (isApp ? "IDENTITY_ENDPOINT" : "AZURE_POD_IDENTITY_AUTHORITY_HOST") + " is no http URL without a query",
                isPassing: false
            );
    }

    /// <summary>Endpoints of managed identities want the audience, and Entra a scope.</summary>
    private static string AudienceOf(string scope)
    {
        const string All = "/.default";
        return scope.EndsWith(All, StringComparison.Ordinal) ? scope[..^All.Length] : scope;
    }

    private string? Value(string name) =>
        environment(name) is { } text && !string.IsNullOrWhiteSpace(text) ? text : null;
}
