using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Tributary.Functions.CommandLine;
using Tributary.Functions.Endpoints;
using Tributary.Functions.Triggers;

namespace Tributary.Tests.Unit.Functions;

/// <summary>The files of the function app: host.json, and the folders with a function.json.</summary>
public sealed class FunctionAppTests
{
    private static readonly string Folder = Path.Combine(Repository.Root, "functions");

    /// <summary>As the host has them: by name without case; the first that matches a path gets it.</summary>
    private static readonly List<(string Name, JsonElement Trigger, int Bindings)> Functions =
    [
        .. Directory
            .EnumerateFiles(Folder, "function.json", SearchOption.AllDirectories)
            .Where(file => Path.GetDirectoryName(Path.GetDirectoryName(file)) == Folder)
            .Select(file => (Name: Path.GetFileName(Path.GetDirectoryName(file))!, Bindings: Bindings(file)))
            .Select(function => (function.Name, function.Bindings[0], function.Bindings.Count))
            .OrderBy(function => function.Name, StringComparer.OrdinalIgnoreCase),
    ];

    public static TheoryData<string> ServedPaths() => [.. Routes.All.Keys];

    public static TheoryData<string> Names() => [.. Functions.Select(function => function.Name)];

    [Theory]
    [MemberData(nameof(ServedPaths))]
    public void Path_ThatIsServed_IsReachedThroughAFunction(string path)
    {
        Assert.NotNull(HttpFunctionFor(path));
    }

    [Theory]
    [InlineData("/Collect")]
    [InlineData("/collect")]
    [InlineData("/admin/functions/Collect")]
    [InlineData("/nothing")]
    public void Path_OfATriggerOrOfNothing_IsNotPassedOn(string path)
    {
        Assert.Null(HttpFunctionFor(path));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Function_Folder_HasANameThatTheHostTakesAndNothingElseInIt(string name)
    {
        Assert.Matches("^[A-Za-z][A-Za-z0-9_-]{0,127}$", name);
        Assert.Equal(
            ["function.json"],
            Directory.EnumerateFileSystemEntries(Path.Combine(Folder, name)).Select(Path.GetFileName)
        );
    }

    [Fact]
    public void HttpFunctions_AreForwardedWhole()
    {
        foreach (
            var (name, trigger, bindings) in Functions.Where(function =>
                function.Name
                    is not (JobTrigger.Collect or JobTrigger.Compact or JobTrigger.Evaluate or JobTrigger.Export)
            )
        )
        {
            Assert.Equal("httpTrigger", Text(trigger, "type"));
            // With any other number of bindings the host would send an envelope.
            Assert.Equal((name, 2), (name, bindings));
            // Our own credentials; function keys would keep Prometheus out.
            Assert.Equal("anonymous", Text(trigger, "authLevel"));
            Assert.False(
                trigger.TryGetProperty("methods", out _),
                "which methods a path takes is said by Routes alone"
            );
            Assert.DoesNotMatch("^(admin|runtime)", Text(trigger, "route"));
            Assert.NotEqual("{*", Text(trigger, "route")[..Math.Min(2, Text(trigger, "route").Length)]);
        }
    }

    [Theory]
    [InlineData(JobTrigger.Collect, "0 * * * * *")]
    [InlineData(JobTrigger.Compact, "0 17 * * * *")]
    [InlineData(JobTrigger.Evaluate, "0 * * * * *")]
    [InlineData(JobTrigger.Export, "0 */5 * * * *")]
    public void Job_IsATimerWhoseScheduleIsASetting(string name, string schedule)
    {
        var (_, trigger, bindings) = Functions.Single(function => function.Name == name);
        Assert.Equal(1, bindings);
        Assert.Equal("timerTrigger", Text(trigger, "type"));
        var setting = Text(trigger, "schedule").Trim('%');
        Assert.Equal($"%{setting}%", Text(trigger, "schedule"));
        var sample = Json(Path.Combine(Repository.Root, "local.settings.sample.json")).GetProperty("Values");
        Assert.Equal(schedule, Text(sample, setting));
        Assert.Equal("custom", Text(sample, "FUNCTIONS_WORKER_RUNTIME"));
        Assert.Equal("UseDevelopmentStorage=true", Text(sample, "AzureWebJobsStorage"));
    }

    [Fact]
    public void Host_Settings_AreThoseThatTheCodeCountsOn()
    {
        var host = Json(Path.Combine(Folder, "host.json"));
        Assert.Equal("", Text(host.GetProperty("extensions").GetProperty("http"), "routePrefix"));
        var handler = host.GetProperty("customHandler");
        Assert.True(handler.GetProperty("enableProxyingHttpRequest").GetBoolean());
        Assert.True(handler.GetProperty("enableForwardingHttpRequest").GetBoolean());
        Assert.Equal("tributary", Text(handler.GetProperty("description"), "defaultExecutablePath"));
        Assert.Equal(
            FunctionsHost.FunctionTimeout,
            TimeSpan.Parse(Text(host, "functionTimeout"), CultureInfo.InvariantCulture)
        );
        // Nothing here needs it, and it would be a download at the start.
        Assert.False(host.TryGetProperty("extensionBundle", out _));
    }

    private static string? HttpFunctionFor(string path) =>
        Functions
            .Where(function => function.Trigger.TryGetProperty("route", out _))
            .Where(function => Matches(Text(function.Trigger, "route"), path))
            .Select(function => function.Name)
            .FirstOrDefault();

    private static bool Matches(string route, string path) =>
        Regex.IsMatch(
            path,
            "^/"
                + Regex.Escape(route.TrimStart('/')).Replace(Regex.Escape("{*rest}"), ".*", StringComparison.Ordinal)
                + "/?$",
            RegexOptions.IgnoreCase,
            TimeSpan.FromSeconds(1)
        );

    private static List<JsonElement> Bindings(string file) => [.. Json(file).GetProperty("bindings").EnumerateArray()];

    private static JsonElement Json(string file) => JsonElement.Parse(File.ReadAllText(file));

    private static string Text(JsonElement json, string name) => json.GetProperty(name).GetString()!;
}
