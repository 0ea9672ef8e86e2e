using System.Net;
using System.Net.Http.Headers;
using Tributary.Tests.EndToEnd.Hosting;
using Tributary.Tests.EndToEnd.Processes;
using Tributary.Tests.EndToEnd.Sources;
using Tributary.Tests.Unit.Stores;

namespace Tributary.Tests.EndToEnd;

/// <summary>Nobody but the host can call a timer's function.</summary>
public sealed class FunctionAppSpoofTests(TributaryExecutable executable, AzuriteFixture azurite)
{
    private static readonly string[] Functions = ["/Collect", "/collect", "/Collect/"];

    /// <summary>By the way requests are passed on, and whether somebody gave the app a route for everything.</summary>
    [Theory]
    [InlineData(true, false)]
    [InlineData(true, true)]
    [InlineData(false, false)]
    [InlineData(false, true)]
    public async Task Post_OfATimersAddress_IsRefused(bool isProxying, bool hasCatchAll)
    {
        await using var source = await FamilySource.StartAsync(1, isStamped: false);
        using var installation = await Installation.CreateAsync(Form.FunctionsAzurite, executable, azurite);
        var config = installation.Folder.Write("tributary.yml", source.Config("1s", "1s"));
        var options = installation.Options(config) with { FiresTimers = false, KnowsProxying = isProxying };
        options = hasCatchAll ? options with { AppRoot = WithCatchAll(installation, options.AppRoot) } : options;
        await using var host = await FunctionHost.StartAsync(options);
        await host.IsReadyAsync();

        foreach (var path in Functions)
        {
            var status = await PostAsync(host, path, authority: null);
            Assert.InRange((int)status, 400, 499);
            Assert.True(hasCatchAll || status == HttpStatusCode.NotFound, $"{path}: {status}");
        }
        if (isProxying || !hasCatchAll)
        {
            // One who knows the handler's address cannot pretend to be the host. Forwarded to a route for everything he
            // could, where a front end lets him choose the host name; so the app has no such route.
            Assert.InRange((int)await PostAsync(host, Functions[0], host.HandlerAddress.Authority), 400, 499);
        }
        Assert.Equal(0, source.Answers);
        Assert.Equal(Outcome.Succeeded, (await host.CallTimerAsync(HostedTributary.Collect)).Outcome);
        Assert.Equal(1, source.Answers);
    }

    [Fact]
    public async Task Federate_InAzureWithoutUsers_NeedsCredentials()
    {
        using var installation = await Installation.CreateAsync(Form.FunctionsAzurite, executable, azurite);
        var config = installation.Folder.Write("tributary.yml", "scrape_configs: []");
        await using var server = await HostedTributary.StartAsync(installation.Options(config) with { IsAzure = true });
        using var answer = await server.Http.GetAsync(
            TributaryInstance.FederatePath("up"),
            TestContext.Current.CancellationToken
        );
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    private static async Task<HttpStatusCode> PostAsync(FunctionHost host, string path, string? authority)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(host.Address, path));
        request.Headers.Host = authority;
        request.Headers.Add(HostVersion.InvocationIdHeader, Guid.NewGuid().ToString());
        request.Headers.Add(HostVersion.VersionHeader, HostVersion.Version);
        request.Headers.UserAgent.ParseAdd(HostVersion.UserAgent);
        request.Content = new StringContent("""{"Data":{"timer":{"IsPastDue":false}},"Metadata":{}}""");
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json", "utf-8");
        using var answer = await http.SendAsync(request, TestContext.Current.CancellationToken);
        return answer.StatusCode;
    }

    /// <summary>The published folder, and in it one function more.</summary>
    private static string WithCatchAll(Installation installation, string appRoot)
    {
        var root = installation.Folder.Folder("app");
        foreach (var entry in Directory.EnumerateFileSystemEntries(appRoot))
        {
            File.CreateSymbolicLink(Path.Combine(root, Path.GetFileName(entry)), entry);
        }
        installation.Folder.Write(
            "app/zzAll/function.json",
            """
            { "bindings": [
                { "type": "httpTrigger", "direction": "in", "name": "req", "authLevel": "anonymous", "route": "{*path}" },
                { "type": "http", "direction": "out", "name": "res" } ] }
            """
        );
        return root;
    }
}
