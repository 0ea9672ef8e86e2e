using System.Globalization;
using System.Text.Json.Nodes;

namespace Tributary.Tests.EndToEnd.Hosting;

/// <summary><c>host.json</c> with the app settings that override it, as the Functions host reads it.</summary>
internal sealed record HostJson
{
    private const string OverridePrefix = "AzureFunctionsJobHost__";
    private const string DefaultRoutePrefix = "api";
    private static readonly TimeSpan DefaultFunctionTimeout = TimeSpan.FromMinutes(30);
    private static readonly TimeSpan DefaultInitializationTimeout = TimeSpan.FromSeconds(30);

    /// <summary>What an invocation may take; null is without end.</summary>
    public required TimeSpan? FunctionTimeout { get; init; }

    /// <summary>What stands before all routes, without slashes.</summary>
    public required string RoutePrefix { get; init; }

    public required string Executable { get; init; }

    public required IReadOnlyList<string> Arguments { get; init; }

    public required string WorkingDirectory { get; init; }

    public required bool IsProxying { get; init; }

    public required bool IsForwarding { get; init; }

    /// <summary>How long the handler may take until it answers the first time.</summary>
    public required TimeSpan InitializationTimeout { get; init; }

    /// <summary>Reads the file of an app.</summary>
    /// <exception cref="HostException">The host would not start with it.</exception>
    public static HostJson Read(string appRoot, IReadOnlyDictionary<string, string> settings)
    {
        var file = Path.Combine(appRoot, "host.json");
        if (!File.Exists(file))
        {
            throw new HostException($"there is no host.json in {appRoot}");
        }
        var root = Json.Object(file);
        Override(root, settings);
        if (Text(root, "version") is not "2.0")
        {
            throw new HostException("host.json: 'version' must be \"2.0\"");
        }
        var executable = Text(root, "customHandler", "description", "defaultExecutablePath");
        if (string.IsNullOrEmpty(executable))
        {
            throw new HostException("host.json: customHandler.description.defaultExecutablePath is missing");
        }
        var beside = Path.Combine(appRoot, executable);
        return new HostJson
        {
            FunctionTimeout = Text(root, "functionTimeout") switch
            {
                null => DefaultFunctionTimeout,
                "-1" => null,
                var text => Duration(text),
            },
            RoutePrefix = (Text(root, "extensions", "http", "routePrefix") ?? DefaultRoutePrefix).Trim('/'),
            // What is not in the folder is a command.
            Executable = File.Exists(beside) ? beside : executable,
            Arguments = ArgumentsOf(root, settings),
            WorkingDirectory = Path.Combine(
                appRoot,
                Text(root, "customHandler", "description", "workingDirectory") ?? ""
            ),
            IsProxying = Flag(root, "enableProxyingHttpRequest"),
            IsForwarding = Flag(root, "enableForwardingHttpRequest"),
            InitializationTimeout = Text(root, "customHandler", "initializationTimeout") is { } limit
                ? Duration(limit)
                : DefaultInitializationTimeout,
        };
    }

    /// <summary>Variables of the form <c>%NAME%</c> are replaced; arguments with one that is not set fall away.</summary>
    private static IReadOnlyList<string> ArgumentsOf(JsonObject root, IReadOnlyDictionary<string, string> settings) =>
        Json.At(root, "customHandler", "description", "arguments") is JsonArray array
            ?
            [
                .. array
                    .Select(argument => AppSettings.Expand((string)argument!, settings))
                    .Where(argument => !argument.Contains('%', StringComparison.Ordinal)),
            ]
            : [];

    private static void Override(JsonObject root, IReadOnlyDictionary<string, string> settings)
    {
        foreach (var (name, value) in settings)
        {
            if (!name.StartsWith(OverridePrefix, StringComparison.OrdinalIgnoreCase))
            {
                continue;
            }
            var path = name[OverridePrefix.Length..].Split("__");
            var at = root;
            foreach (var key in path[..^1])
            {
                if (Json.At(at, key) is not JsonObject next)
                {
                    at[key] = next = [];
                }
                at = next;
            }
            at[Json.KeyOf(at, path[^1]) ?? path[^1]] = value;
        }
    }

    private static bool Flag(JsonObject root, string name) =>
        string.Equals(Text(root, "customHandler", name), "true", StringComparison.OrdinalIgnoreCase);

    private static string? Text(JsonObject root, params string[] path) => Json.At(root, path)?.ToString();

    private static TimeSpan Duration(string text) =>
        TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var duration) && duration > TimeSpan.Zero
            ? duration
            : throw new HostException($"host.json: '{text}' is not a duration");
}
