using System.Text.Json;

namespace Tributary.Tests.Unit.Costs.Teams;

/// <summary>What the host sends to Application Insights of an invocation that succeeds, by the levels of our host.json.</summary>
/// <remarks>
/// Requests are the category <c>Host.Results</c>; <c>Function.NAME</c> has a line for the begin and one for the end, and
/// <c>Function.NAME.User</c> what the handler answers as its log; longer categories count before shorter ones
/// (https://learn.microsoft.com/azure/azure-functions/configure-monitoring#configure-categories).
/// </remarks>
internal sealed class FlexLogs
{
    private readonly Dictionary<string, string> levels;

    public FlexLogs(string hostJson)
    {
        using var json = JsonDocument.Parse(hostJson);
        var logging = json.RootElement.GetProperty("logging");
        levels = logging
            .GetProperty("logLevel")
            .EnumerateObject()
            .ToDictionary(level => level.Name, level => level.Value.GetString()!, StringComparer.Ordinal);
        var insights = logging.GetProperty("applicationInsights");
        HasCounters = insights.GetProperty("enablePerformanceCountersCollection").GetBoolean();
        HasDependencies = insights.GetProperty("enableDependencyTracking").GetBoolean();
    }

    /// <summary>Whether the host sends figures of its process every minute, and a record of each request that it makes.</summary>
    public bool HasCounters { get; }

    /// <inheritdoc cref="HasCounters"/>
    public bool HasDependencies { get; }

    /// <summary>The records of an invocation.</summary>
    /// <param name="function">The function's name.</param>
    /// <param name="hasLog">Whether the handler answers a line.</param>
    public int RecordsOf(string function, bool hasLog) =>
        (IsSent("Host.Results") ? 1 : 0)
        + (IsSent($"Function.{function}") ? 2 : 0)
        + (hasLog && IsSent($"Function.{function}.User") ? 1 : 0);

    private bool IsSent(string category)
    {
        for (var name = category; ; name = name[..name.LastIndexOf('.')])
        {
            if (levels.TryGetValue(name, out var level))
            {
                return level is "Information" or "Debug" or "Trace";
            }
            if (!name.Contains('.', StringComparison.Ordinal))
            {
                return levels["default"] is "Information" or "Debug" or "Trace";
            }
        }
    }
}
