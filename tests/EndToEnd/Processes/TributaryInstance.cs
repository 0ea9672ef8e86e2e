using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Tributary.Tests.EndToEnd.Reading;

namespace Tributary.Tests.EndToEnd.Processes;

/// <summary>A running Tributary as its clients see it, whatever runs it.</summary>
internal abstract partial class TributaryInstance(Uri address) : IAsyncDisposable
{
    /// <summary>Asks this server.</summary>
    public HttpClient Http { get; } = new() { BaseAddress = address };

    public Uri Address => Http.BaseAddress!;

    /// <summary>The process that serves now.</summary>
    public abstract ChildProcess Process { get; }

    /// <summary>What an operator sees of it, for failures.</summary>
    public abstract string Log { get; }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>The samples of <c>/federate</c>.</summary>
    public async Task<IReadOnlyList<FederatedSample>> FederateAsync(params string[] selectors) =>
        FederatedSample.Parse(await GetAsync(FederatePath(selectors)));

    /// <summary>The path with the query for <c>/federate</c>.</summary>
    public static string FederatePath(params string[] selectors) =>
        "/federate?" + string.Join('&', selectors.Select(text => "match[]=" + Uri.EscapeDataString(text)));

    /// <summary>The active targets of <c>/api/v1/targets</c>.</summary>
    public async Task<IReadOnlyList<JsonElement>> TargetsAsync()
    {
        using var document = JsonDocument.Parse(await GetAsync("/api/v1/targets"));
        var targets = document.RootElement.GetProperty("data").GetProperty("activeTargets");
        return [.. targets.EnumerateArray().Select(target => target.Clone())];
    }

    /// <summary>A figure of <c>/metrics</c> that has no labels.</summary>
    public async Task<double> MetricAsync(string name)
    {
        var line = (await GetAsync("/metrics"))
            .Split('\n')
            .Single(line => line.StartsWith(name + " ", StringComparison.Ordinal));
        return double.Parse(line[(name.Length + 1)..], CultureInfo.InvariantCulture);
    }

    /// <summary>How many requests it has sent to its store, by class; classes without any are left out.</summary>
    public async Task<IReadOnlyDictionary<string, int>> StoreOperationsAsync() =>
        (await GetAsync("/metrics"))
            .Split('\n')
            .Select(line => OperationsLine().Match(line))
            .Where(match => match.Success && match.Groups[2].ValueSpan is not "0")
            .ToDictionary(
                match => match.Groups[1].Value,
                match => int.Parse(match.Groups[2].ValueSpan, CultureInfo.InvariantCulture),
                StringComparer.Ordinal
            );

    /// <summary>The body of an address that has to be answered well.</summary>
    private async Task<string> GetAsync(string path)
    {
        using var answer = await Http.GetAsync(path, Token);
        var body = await answer.Content.ReadAsStringAsync(Token);
        Assert.True(answer.IsSuccessStatusCode, $"{path}: {answer.StatusCode} {body}\n{Log}");
        return body;
    }

    /// <summary>Ends it as its operator would.</summary>
    public abstract Task StopAsync();

    /// <summary>kill -9.</summary>
    public abstract Task KillAsync();

    public abstract ValueTask DisposeAsync();

    [GeneratedRegex("^tributary_store_operations_total\\{class=\"(\\w+)\"\\} (\\d+)$", RegexOptions.NonBacktracking)]
    private static partial Regex OperationsLine();
}
