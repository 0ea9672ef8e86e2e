using System.Globalization;
using System.Text.Json;
using Tributary.Tests.EndToEnd.Reading;

namespace Tributary.Tests.EndToEnd.Processes;

/// <summary>A running Tributary as its clients see it, whatever runs it.</summary>
internal abstract class TributaryInstance(Uri address) : IAsyncDisposable
{
    /// <summary>Asks this server.</summary>
    public HttpClient Http { get; } = new() { BaseAddress = address };

    public Uri Address => Http.BaseAddress!;

    /// <summary>What an operator sees of it, for failures.</summary>
    public abstract string Log { get; }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>The samples of <c>/federate</c>.</summary>
    public async Task<IReadOnlyList<FederatedSample>> FederateAsync(params string[] selectors) =>
        FederatedSample.Parse(await Http.GetStringAsync(FederatePath(selectors), Token));

    /// <summary>The path with the query for <c>/federate</c>.</summary>
    public static string FederatePath(params string[] selectors) =>
        "/federate?" + string.Join('&', selectors.Select(text => "match[]=" + Uri.EscapeDataString(text)));

    /// <summary>The active targets of <c>/api/v1/targets</c>.</summary>
    public async Task<IReadOnlyList<JsonElement>> TargetsAsync()
    {
        using var document = JsonDocument.Parse(await Http.GetStringAsync("/api/v1/targets", Token));
        var targets = document.RootElement.GetProperty("data").GetProperty("activeTargets");
        return [.. targets.EnumerateArray().Select(target => target.Clone())];
    }

    /// <summary>A figure of <c>/metrics</c> that has no labels.</summary>
    public async Task<double> MetricAsync(string name)
    {
        var line = (await Http.GetStringAsync("/metrics", Token))
            .Split('\n')
            .Single(line => line.StartsWith(name + " ", StringComparison.Ordinal));
        return double.Parse(line[(name.Length + 1)..], CultureInfo.InvariantCulture);
    }

    /// <summary>Ends it as its operator would.</summary>
    public abstract Task StopAsync();

    /// <summary>kill -9.</summary>
    public abstract Task KillAsync();

    public abstract ValueTask DisposeAsync();
}
