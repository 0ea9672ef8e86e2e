using Tributary.Tests.EndToEnd.Hosting;
using Tributary.Tests.EndToEnd.Processes;
using Tributary.Tests.Unit.Stores;

namespace Tributary.Tests.EndToEnd;

/// <summary>
/// What ends a server of its own with an error, in a function app: what can be mended while it runs fails Collect and is in
/// the log; wrong settings end the handler until the host gives up.
/// </summary>
public sealed class FunctionAppErrorTests(TributaryExecutable executable, AzuriteFixture azurite)
{
    /// <summary>Of <see cref="WebSecurityTests.Mistakes"/>; TLS is the host's, so that mistakes there do not matter.</summary>
    public static TheoryData<string, string[]> WebMistakes { get; } =
    [
        .. WebSecurityTests.Mistakes.Where(mistake =>
            !mistake.Data.Item1.StartsWith("tls_server_config", StringComparison.Ordinal)
        ),
    ];

    public static TheoryData<string, string, string[]> WrongSettings { get; } =
        new()
        {
            { "TRIBUTARY_CONFIG", "missing.yml", ["the configuration file 'missing.yml' does not exist"] },
            { "TRIBUTARY_STORAGE", "local:./data", ["TRIBUTARY_STORAGE cannot be a folder", "AzureWebJobsStorage"] },
            { "AzureWebJobsStorage", "", ["a storage account is needed", "AzureWebJobsStorage__accountName"] },
            { "AzureWebJobsStorage", "nonsense", ["AzureWebJobsStorage is none of", "connection string"] },
        };

    [Theory]
    [MemberData(nameof(NewcomerErrorTests.BrokenConfigurations), MemberType = typeof(NewcomerErrorTests))]
    public async Task Collect_BrokenConfiguration_FailsAndNamesEveryMistake(
        string config,
        int exitCode,
        string[] messages
    )
    {
        Assert.NotEqual(0, exitCode);
        using var installation = await Installation.CreateAsync(Form.FunctionsAzurite, executable, azurite);
        var file = installation.Folder.Write("broken.yml", config);
        await AssertCollectFailsAsync(installation.Options(file), messages);
    }

    [Theory]
    [MemberData(nameof(WebMistakes))]
    public async Task Collect_WrongWebSection_FailsAndNamesFieldFileAndRemedy(string web, string[] messages)
    {
        using var installation = await Installation.CreateAsync(Form.FunctionsAzurite, executable, azurite);
        installation.Folder.Write("empty", "\n");
        var file = installation.Folder.Write("tributary.yml", $"scrape_configs: []\ntributary:\n  web:\n    {web}\n");
        await AssertCollectFailsAsync(installation.Options(file), messages);
    }

    [Fact]
    public async Task Collect_BlobThatIsNotThere_FailsAndSaysSo()
    {
        using var installation = await Installation.CreateAsync(Form.FunctionsAzurite, executable, azurite);
        var options = installation.Options("blob:config/tributary.yml");
        await AssertCollectFailsAsync(options, "'blob:config/tributary.yml' is not in the store", "Upload it");
    }

    [Fact]
    public async Task Collect_WrongAccountKey_FailsWithoutTheKey()
    {
        using var installation = await Installation.CreateAsync(Form.FunctionsAzurite, executable, azurite);
        installation.Variables = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["AzureWebJobsStorage"] = NewcomerErrorTests.WithWrongKey(installation.Storage),
        };
        var file = installation.Folder.Write(
            "tributary.yml",
            "scrape_configs: [{job_name: a, static_configs: [{targets: ['127.0.0.1:1']}]}]"
        );
        await AssertCollectFailsAsync(installation.Options(file), "403", "Check that AccountKey is a current key");
    }

    [Theory]
    [MemberData(nameof(WrongSettings))]
    public async Task Start_WrongSetting_EndsTheHandlerWithTheRemedy(string name, string value, string[] messages)
    {
        using var installation = await Installation.CreateAsync(Form.FunctionsAzurite, executable, azurite);
        installation.Variables = new Dictionary<string, string>(StringComparer.Ordinal) { [name] = value };
        await using var host = await FunctionHost.StartAsync(installation.Options(""));
        await Patience.UntilAsync("the host to give up", () => Task.FromResult(!host.IsRunning), () => host.Log);
        Assert.All(messages, message => Assert.Contains(message, host.Errors, StringComparison.Ordinal));
        Assert.DoesNotContain("   at ", host.Log, StringComparison.Ordinal);
    }

    /// <summary>The handler lives, so that a mended configuration is taken; it says why nothing is collected.</summary>
    private static async Task AssertCollectFailsAsync(HostOptions options, params string[] messages)
    {
        await using var host = await FunctionHost.StartAsync(options with { FiresTimers = false });
        var call = await host.CallTimerAsync(HostedTributary.Collect);
        Assert.Equal((Outcome.Failed, 1, true), (call.Outcome, host.HandlerStarts, host.IsRunning));
        Assert.Contains("500", call.Error, StringComparison.Ordinal);
        Assert.All(messages, message => Assert.Contains(message, host.Log, StringComparison.Ordinal));
        Assert.DoesNotContain("   at ", host.Log, StringComparison.Ordinal);
        Assert.DoesNotContain(NewcomerErrorTests.SecretKey, host.Log, StringComparison.Ordinal);
        Assert.Equal("", host.Errors);
    }
}
