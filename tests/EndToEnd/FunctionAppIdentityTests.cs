using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Tributary.Stores;
using Tributary.Stores.Azure;
using Tributary.Tests.EndToEnd.Hosting;
using Tributary.Tests.EndToEnd.Processes;
using Tributary.Tests.EndToEnd.Sources;
using Tributary.Tests.Unit.Stores;

namespace Tributary.Tests.EndToEnd;

/// <summary>A function app without any key: its managed identity opens an account that takes nothing but tokens.</summary>
public sealed class FunctionAppIdentityTests(TributaryExecutable executable, TokenAzuriteFixture azurite)
{
    private const string Never = "0 0 0 1 1 *";
    private const string Monitor = "https://monitor.azure.com/";
    private const string WebToken = "the-web-token-of-the-test";
    private const string Missing = "22222222-0000-0000-0000-000000000000";
    private const int SeriesCount = 20;

    /// <summary>Tokens for storage last so long: what would take a day happens within seconds.</summary>
    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan First = TimeSpan.FromMinutes(350);
    private static readonly TimeSpan Last = TimeSpan.FromMinutes(140);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task App_CollectsCompactsAndAnswers_AsItsTokensComeAndGo()
    {
        await using var identity = await IdentityEndpoint.StartAsync();
        identity.Lifetimes[UnsignedToken.Storage] = Lifetime;
        await using var monitor = await DemandingServer.StartAsync();
        var written = 0;
        monitor.Demand("write", context => identity.Takes(context, Monitor) && Interlocked.Increment(ref written) > 0);
        var old = OldSamples.Make(SeriesCount, First, Last);
        var asked = 0;
        await using var source = await FakeSource.StartAsync(_ => asked++ == 0 ? old.Body : $"fresh {asked}\n");
        await using var app = await StartAsync(identity, IdentityEndpoint.ClientId, Config(source, monitor));

        await CallAsync(app, HostedTributary.Collect);
        var compacted = await CallAsync(app, "Compact");
        Assert.DoesNotContain("0 blocks made of the log", compacted.Body, StringComparison.Ordinal);
        Assert.Equal(old.Count, await QueryAsync(app, $"sum(count_over_time({OldSamples.Metric}[7h]))"));
        await Patience.UntilAsync(
            "remote write to send with its token",
            async () =>
            {
                await CallAsync(app, HostedTributary.Collect);
                await CallAsync(app, "Evaluate");
                return Volatile.Read(ref written) > 0 && identity.For(UnsignedToken.Storage).Count > 1;
            },
            () => app.Log
        );

        await FailWithinAndAfterATokenAsync(app, identity);

        identity.IsDown = false;
        await Patience.UntilAsync(
            "the app to recover",
            async () => (await app.Host.CallTimerAsync(HostedTributary.Collect)).Outcome == Outcome.Succeeded,
            () => app.Log
        );
        Assert.Equal(old.Count, await QueryAsync(app, $"sum(count_over_time({OldSamples.Metric}[7h]))"));
        AssertTokens(app, identity);
    }

    [Fact]
    public async Task App_WithAnIdentityThatItDoesNotHave_IsToldWhichOne()
    {
        await using var identity = await IdentityEndpoint.StartAsync();
        var host = await FunctionHost.StartAsync(await OptionsAsync(identity, Missing));
        await using var disposal = host;
        Assert.True(await host.IsReadyAsync());
        Assert.Equal(Outcome.Failed, (await host.CallTimerAsync(HostedTributary.Collect)).Outcome);
        Assert.Contains($"the managed identity with client ID {Missing}: ", host.Log, StringComparison.Ordinal);
        Assert.Contains("No User Assigned or Delegated Managed Identity found", host.Log, StringComparison.Ordinal);
        Assert.Contains("assign this identity to the app", host.Log, StringComparison.Ordinal);
        Assert.DoesNotContain(IdentityEndpoint.Header, host.Log, StringComparison.Ordinal);
        Assert.InRange(identity.Refused, 1, 3);
    }

    /// <summary>A machine's identity, which is found, and endpoints without a key: nothing else is set.</summary>
    [Theory]
    [InlineData(0, "", false, "")]
    [InlineData(1, Missing, false, "(invalid_request: Identity not found)")]
    [InlineData(1, "", true, "answered 500 (out of order)")]
    public async Task CommandLine_OnAMachine_HasItsIdentity(int expected, string clientId, bool isDown, string told)
    {
        await using var identity = await IdentityEndpoint.StartAsync();
        identity.IsDown = isDown;
        using var folder = new TemporaryFolder();
        var (blobs, tables) = (await azurite.EndpointAsync("Blob"), await azurite.EndpointAsync("Table"));
        var variables = new Dictionary<string, string>(identity.MachineVariables, StringComparer.Ordinal)
        {
            ["SSL_CERT_FILE"] = azurite.RootPath,
            ["TRIBUTARY_STORAGE"] = $"BlobEndpoint={blobs};TableEndpoint={tables}",
            ["AZURE_CLIENT_ID"] = clientId,
        };
        var (code, output, errors) = await ChildProcess.RunAsync(
            await executable.PathAsync(),
            ["log", "ls"],
            folder.Path,
            environment: variables
        );
        Assert.True(code == expected, $"{code}\n{output}\n{errors}");
        Assert.Contains(told, errors, StringComparison.Ordinal);
        Assert.Equal(expected == 0 ? 1 : 0, identity.For(UnsignedToken.Storage).Count);
    }

    /// <summary>What begins before the last token's end succeeds; what needs the next one fails, is told why, and hardly asks.</summary>
    private static async Task FailWithinAndAfterATokenAsync(HostedTributary app, IdentityEndpoint identity)
    {
        identity.IsDown = true;
        var before = identity.Tokens.Count;
        Invocation call;
        do
        {
            var end = identity.For(UnsignedToken.Storage)[^1].ExpiresAt - (Lifetime / 5);
            var isWithin = DateTimeOffset.UtcNow < end;
            call = await app.Host.CallTimerAsync(HostedTributary.Collect);
            // One that is long under way may need the next token, too.
            var isBefore = isWithin && DateTimeOffset.UtcNow < end;
            Assert.False(isBefore && call.Outcome != Outcome.Succeeded, $"{call}\n{app.Log}");
        } while (call.Outcome == Outcome.Succeeded);
        Assert.InRange(identity.Refused, 1, 3 * 4);
        Assert.Equal(before, identity.Tokens.Count);
        Assert.Contains("no token for this account could be had", app.Log, StringComparison.Ordinal);
        Assert.Contains(
            $"the managed identity with client ID {IdentityEndpoint.ClientId}: ",
            app.Log,
            StringComparison.Ordinal
        );
        Assert.Contains("answered 500 (out of order)", app.Log, StringComparison.Ordinal);
    }

    /// <summary>One token per audience and lifetime, though many requests needed it; and nobody shows them.</summary>
    private static void AssertTokens(HostedTributary app, IdentityEndpoint identity)
    {
        Assert.Single(identity.For(Monitor));
        var tokens = identity.For(UnsignedToken.Storage);
        Assert.Equal(tokens.Count + 1, identity.Tokens.Count);
        foreach (var (one, next) in tokens.Zip(tokens.Skip(1)))
        {
            // It is renewed in the last quarter of its life, and its end is cut to a second.
            Assert.True(next.At > one.At + (one.ExpiresAt - one.At) * 0.7, $"{one.At:O} {next.At:O}\n{app.Log}");
        }
        Assert.DoesNotContain(IdentityEndpoint.Header, app.Log, StringComparison.Ordinal);
        Assert.All(identity.Tokens, token => Assert.DoesNotContain(token.Text, app.Log, StringComparison.Ordinal));
    }

    private async Task<HostedTributary> StartAsync(IdentityEndpoint identity, string clientId, string config)
    {
        var store = new AzureBlobStore(await azurite.AccountAsync(), TimeProvider.System, azurite.Transport());
        await store.WriteAsync("config/tributary.yml", Encoding.UTF8.GetBytes(config), WriteCondition.None, Token);
        var app = await HostedTributary.StartAsync(await OptionsAsync(identity, clientId));
        app.Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", WebToken);
        return app;
    }

    /// <summary>An app in Azure whose settings are those that the templates give it.</summary>
    private async Task<HostOptions> OptionsAsync(IdentityEndpoint identity, string clientId)
    {
        var appRoot = Path.GetDirectoryName(await executable.PathAsync())!;
        var settings = HostedTributary.Settings(appRoot, "", "blob:config/tributary.yml", Never);
        settings.Remove("AzureWebJobsStorage");
        settings["AzureWebJobsStorage__blobServiceUri"] = (await azurite.EndpointAsync("Blob")).ToString();
        settings["AzureWebJobsStorage__tableServiceUri"] = (await azurite.EndpointAsync("Table")).ToString();
        settings["AzureWebJobsStorage__credential"] = "managedidentity";
        settings["AzureWebJobsStorage__clientId"] = clientId;
        settings["SSL_CERT_FILE"] = azurite.RootPath;
        settings["TEST_WEB_TOKEN"] = WebToken;
        foreach (var (name, value) in identity.Variables)
        {
            settings[name] = value;
        }
        return new HostOptions
        {
            AppRoot = appRoot,
            Settings = settings,
            IsAzure = true,
            FiresTimers = false,
        };
    }

    private static string Config(FakeSource source, DemandingServer monitor) =>
        $$"""
            scrape_configs:
              - job_name: j
                scrape_interval: 1s
                static_configs: [{targets: ["{{source.Authority}}"]}]
            remote_write:
              - url: http://{{monitor.Authority}}/write
                azuread: {managed_identity: {client_id: {{IdentityEndpoint.ClientId}} } }
            tributary:
              web: {bearer_tokens: ["${env:TEST_WEB_TOKEN}"]}
            """;

    private static async Task<Invocation> CallAsync(HostedTributary app, string function)
    {
        var result = await app.Host.CallTimerAsync(function);
        Assert.True(result.Outcome == Outcome.Succeeded, $"{result}\n{app.Log}");
        return result;
    }

    private static async Task<double> QueryAsync(HostedTributary app, string query)
    {
        using var answer = await app.Http.GetAsync("/api/v1/query?query=" + Uri.EscapeDataString(query), Token);
        var body = await answer.Content.ReadAsStringAsync(Token);
        Assert.True(answer.IsSuccessStatusCode, $"{answer.StatusCode} {body}\n{app.Log}");
        using var document = JsonDocument.Parse(body);
        var value = document.RootElement.GetProperty("data").GetProperty("result")[0].GetProperty("value")[1];
        return double.Parse(value.GetString()!, CultureInfo.InvariantCulture);
    }
}
