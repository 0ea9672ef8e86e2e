using System.Net;
using System.Text;
using Tributary.Configuration;
using Tributary.Discovery.Azure;
using Tributary.Identities;

namespace Tributary.Tests.Unit.Discovery.Azure;

/// <summary>Azure Resource Manager as far as machines go, with JSON after its published schema.</summary>
/// <remarks>https://learn.microsoft.com/rest/api/compute/virtual-machines/list-all</remarks>
internal sealed class AzureDouble : HttpMessageHandler
{
    public const string Token = "token-of-the-test";

    /// <summary>What it wants to see now.</summary>
    public string Accepted { get; set; } = Token;

    private readonly Lock gate = new();
    private readonly List<string> requests = [];

    /// <summary>Answers by address, without a version of the interface.</summary>
    public Dictionary<string, (int Status, string Body)> Answers { get; } = new(StringComparer.Ordinal);

    /// <summary>Gives the tokens that its discoveries bring.</summary>
    public TokenGiver Giver { get; } = new();

    /// <summary>Headers of errors.</summary>
    public List<KeyValuePair<string, string>> Headers { get; } = [];

    /// <summary>What was asked for, in the order of text.</summary>
    public IReadOnlyList<string> Requests
    {
        get
        {
            lock (gate)
            {
                return [.. requests.Order(StringComparer.Ordinal)];
            }
        }
    }

    /// <summary>A machine of its own.</summary>
    public static string Machine(string name, string interfaces, string more = "") =>
        $$$"""
            {
              "id": "/subscriptions/s/resourceGroups/GROUP/providers/Microsoft.Compute/virtualMachines/{{{name}}}",
              "name": "{{{name}}}",
              "type": "Microsoft.Compute/virtualMachines",
              "location": "westeurope",
              "tags": {"env:stage": "prod", "tëam": "a"},
              {{{more}}}
              "properties": {
                "vmId": "0",
                "hardwareProfile": {"vmSize": "Standard_B2s"},
                "storageProfile": {"osDisk": {"osType": "Linux", "name": "d"}},
                "osProfile": {"computerName": "{{{name}}}-host", "adminUsername": "root"},
                "networkProfile": {"networkInterfaces": [{{{interfaces}}}]}
              }
            }
            """;

    /// <summary>The identifier of a network interface.</summary>
    public static string Interface(string name) =>
        $$"""{"id": "/subscriptions/s/resourceGroups/NET/providers/Microsoft.Network/networkInterfaces/{{name}}"}""";

    public static string List(string items, string next = "") =>
        $$"""{"value": [{{items}}]{{(next.Length == 0 ? "" : $", \"nextLink\": \"{next}\"")}}}""";

    /// <summary>A discovery that asks it.</summary>
    public AzureDiscovery Discovery(TimeProvider time, Func<AzureSdConfig, AzureSdConfig>? change = null)
    {
        var config = new AzureSdConfig
        {
            SubscriptionId = "s",
            TenantId = "t",
            Port = 9100,
        };
        return new AzureDiscovery(
            change?.Invoke(config) ?? config,
            new HttpMessageInvoker(this, disposeHandler: false),
            time,
            new TokenPool(time, _ => null, Giver)
        );
    }

    protected override Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request,
        CancellationToken cancellationToken
    )
    {
        var address = request.RequestUri!.AbsoluteUri;
        lock (gate)
        {
            requests.Add(address);
            var (status, body) =
                request.Headers.Authorization!.ToString() == $"Bearer {Accepted}"
                    ? Answers.GetValueOrDefault(address.Split('?')[0], (404, """{"error":{"code":"NotFound"}}"""))
                    : (401, """{"error":{"code":"InvalidAuthenticationToken"}}""");
            var response = new HttpResponseMessage((HttpStatusCode)status)
            {
                RequestMessage = request,
                Content = new StringContent(body, Encoding.UTF8, "application/json"),
            };
            foreach (var (name, value) in status == 200 ? [] : Headers)
            {
                response.Headers.TryAddWithoutValidation(name, value);
            }
            return Task.FromResult(response);
        }
    }

    /// <summary>Gives the same token until it is told another.</summary>
    internal sealed class TokenGiver : ITokenGiver
    {
        /// <summary>What it gives.</summary>
        public string Gives { get; set; } = Token;

        /// <summary>Why it gives none; null is none.</summary>
        public IdentityException? Failure { get; set; }

        public Task<FetchedToken> AskAsync(AzureIdentity identity, string scope, CancellationToken cancellationToken)
        {
            Assert.Equal("https://management.azure.com/.default", scope);
            return Failure is { } failure
                ? throw failure
                : Task.FromResult(new FetchedToken(Gives, DateTimeOffset.MaxValue));
        }

        public Task<bool> HasMachineEndpointAsync(CancellationToken cancellationToken) => Task.FromResult(false);
    }
}
