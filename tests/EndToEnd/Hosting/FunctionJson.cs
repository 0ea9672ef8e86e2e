using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Tributary.Tests.EndToEnd.Hosting;

/// <summary>A function of the app: its folder's name and its <c>function.json</c>.</summary>
internal sealed partial record FunctionJson(string Name, FunctionTrigger Trigger)
{
    private const string FileName = "function.json";
    private static readonly string[] Reserved = ["admin", "runtime"];

    /// <summary>All functions of an app, in the order in which the host adds their routes.</summary>
    /// <exception cref="HostException">One of them would not be indexed.</exception>
    public static IReadOnlyList<FunctionJson> ReadAll(string appRoot, IReadOnlyDictionary<string, string> settings) =>
        [
            .. Directory
                .EnumerateDirectories(appRoot)
                .Where(folder => File.Exists(Path.Combine(folder, FileName)))
                .Select(folder => Read(folder, settings))
                .OrderBy(function => function.Name, StringComparer.OrdinalIgnoreCase),
        ];

    private static FunctionJson Read(string folder, IReadOnlyDictionary<string, string> settings)
    {
        var name = Path.GetFileName(folder);
        if (!ValidName().IsMatch(name) || string.Equals(name, "host", StringComparison.OrdinalIgnoreCase))
        {
            throw new HostException($"'{name}' is not a name for a function");
        }
        if (Directory.EnumerateFileSystemEntries(folder).Count() > 1)
        {
            throw new HostException($"{name}: a file beside function.json would be taken for the function's script");
        }
        var root = Json.Object(Path.Combine(folder, FileName));
        if (Json.At(root, "scriptFile") is not null)
        {
            throw new HostException($"{name}: 'scriptFile' has no place in a custom handler");
        }
        var bindings = (Json.At(root, "bindings") as JsonArray ?? []).OfType<JsonObject>().ToList();
        var triggers = bindings
            .Where(binding => TypeOf(binding).EndsWith("trigger", StringComparison.Ordinal))
            .ToList();
        if (triggers.Count != 1)
        {
            throw new HostException($"{name}: {triggers.Count} triggers; a function has one");
        }
        return new FunctionJson(name, TriggerOf(name, triggers[0], bindings, settings));
    }

    private static FunctionTrigger TriggerOf(
        string name,
        JsonObject binding,
        List<JsonObject> bindings,
        IReadOnlyDictionary<string, string> settings
    )
    {
        if (Text(binding, "direction") is not "in" || Text(binding, "name") is not { Length: > 0 } bindingName)
        {
            throw new HostException($"{name}: the trigger needs \"direction\": \"in\" and a name");
        }
        return TypeOf(binding) switch
        {
            "timertrigger" => new TimerTrigger(
                bindingName,
                Schedule.Parse(Resolve(name, Text(binding, "schedule") ?? "", settings)),
                UseMonitor: Text(binding, "useMonitor") is not "false",
                RunOnStartup: Text(binding, "runOnStartup") is "true"
            ),
            "httptrigger" => HttpTriggerOf(name, binding, bindings),
            "queuetrigger" => new QueueTrigger(
                bindingName,
                Resolve(name, Text(binding, "queueName") ?? "", settings),
                IsBinary: Text(binding, "dataType") is "binary"
            ),
            var other => throw new HostException($"{name}: there is no extension for the trigger '{other}'"),
        };
    }

    private static HttpTrigger HttpTriggerOf(string name, JsonObject binding, List<JsonObject> bindings)
    {
        var outputs = bindings.Where(other => Text(other, "direction") is "out").ToList();
        if (bindings.Count != 2 || outputs.Count != 1 || TypeOf(outputs[0]) != "http")
        {
            throw new HostException(
                $"{name}: not exactly one httpTrigger and one http output: the host would send an envelope"
            );
        }
        var route = Text(binding, "route") is { Length: > 0 } given ? given.Trim('/') : name;
        if (Array.Exists(Reserved, word => route.StartsWith(word, StringComparison.OrdinalIgnoreCase)))
        {
            throw new HostException($"{name}: the route '{route}' is reserved for the host");
        }
        return new HttpTrigger(
            route,
            Json.At(binding, "methods") is JsonArray methods
                ? [.. methods.Select(method => method!.ToString().ToUpperInvariant())]
                : null,
            IsAnonymous: string.Equals(Text(binding, "authLevel"), "anonymous", StringComparison.OrdinalIgnoreCase)
        );
    }

    private static string Resolve(string name, string text, IReadOnlyDictionary<string, string> settings)
    {
        var expanded = AppSettings.Expand(text, settings);
        return expanded.Contains('%', StringComparison.Ordinal)
            ? throw new HostException($"{name}: '{text}' does not resolve to a value: the app setting is missing")
            : expanded;
    }

    private static string TypeOf(JsonObject binding) => (Text(binding, "type") ?? "").ToLowerInvariant();

    private static string? Text(JsonObject binding, string name) => Json.At(binding, name)?.ToString();

    [GeneratedRegex(@"^[A-Za-z][A-Za-z0-9_\-]{0,127}$", RegexOptions.NonBacktracking)]
    private static partial Regex ValidName();
}

/// <summary>What calls a function.</summary>
internal abstract record FunctionTrigger;

/// <summary>A timer.</summary>
/// <param name="Binding">The name of its value in <c>Data</c>.</param>
/// <param name="Schedule">When.</param>
/// <param name="UseMonitor">Whether the host notes when it was called, and catches up.</param>
/// <param name="RunOnStartup">Whether each start of a host calls it.</param>
internal sealed record TimerTrigger(string Binding, Schedule Schedule, bool UseMonitor, bool RunOnStartup)
    : FunctionTrigger
{
    /// <summary>More often than once a minute, nothing is noted.</summary>
    public bool IsMonitored => UseMonitor && Schedule.IsMinuteOrSlower;
}

/// <summary>A queue.</summary>
internal sealed record QueueTrigger(string Binding, string Queue, bool IsBinary) : FunctionTrigger;

/// <summary>Requests for a route.</summary>
/// <param name="Route">The template, without slashes around.</param>
/// <param name="Methods">Upper case; null is every method.</param>
/// <param name="IsAnonymous">Whether it needs no key.</param>
internal sealed record HttpTrigger(string Route, IReadOnlyList<string>? Methods, bool IsAnonymous) : FunctionTrigger;
