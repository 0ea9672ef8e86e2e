using System.Globalization;
using System.Net;

namespace Tributary.Functions.CommandLine;

/// <summary>What the Functions host says of itself when it starts this process as its custom handler.</summary>
/// <param name="Port">Where it calls us, on the loopback address.</param>
/// <param name="IsLocal">Whether it is a developer's <c>func start</c>; everything else counts as Azure.</param>
/// <param name="Deadline">When an invocation gives up by itself: the host would kill the process a little later.</param>
internal sealed record FunctionsHost(int Port, bool IsLocal, TimeSpan Deadline)
{
    public const string PortVariable = "FUNCTIONS_CUSTOMHANDLER_PORT";

    /// <summary>What overrides <c>functionTimeout</c> of host.json.</summary>
    public const string TimeoutVariable = "AzureFunctionsJobHost__functionTimeout";

    private const string EnvironmentVariable = "AZURE_FUNCTIONS_ENVIRONMENT";
    private const string Development = "Development";
    private const string CoreToolsVariable = "FUNCTIONS_CORETOOLS_ENVIRONMENT";

    /// <summary>The <c>functionTimeout</c> of our host.json.</summary>
    public static readonly TimeSpan FunctionTimeout = TimeSpan.FromMinutes(5);

    /// <summary>One of them is set on every plan of Azure. CONTAINER_NAME is, too, but also on machines of developers.</summary>
    private static readonly string[] AzureVariables = ["WEBSITE_INSTANCE_ID", "WEBSITE_SITE_NAME"];

    /// <summary>The loopback address, whatever the variables for web servers say that a child of the host inherits.</summary>
    public ListenAddress Listen => new(IPAddress.Loopback, Port);

    /// <summary>The host that has started this process, or null.</summary>
    /// <exception cref="CommandException">The port is none.</exception>
    public static FunctionsHost? Resolve(Func<string, string?> environment)
    {
        var text = environment(PortVariable);
        if (string.IsNullOrWhiteSpace(text))
        {
            return null;
        }
        if (
            !int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            || port > ushort.MaxValue
        )
        {
            throw CommandException.Usage(
                $"{PortVariable}: it must be a port from 0 to 65535. The Functions host sets it; without it, this is a "
                    + "server of its own."
            );
        }
        return new FunctionsHost(port, IsDeveloper(environment), DeadlineOf(environment(TimeoutVariable)));
    }

    /// <summary>Only if the tools say so and nothing of Azure does: a doubt must not open the data to everybody.</summary>
    private static bool IsDeveloper(Func<string, string?> environment) =>
        (
            string.Equals(environment(EnvironmentVariable), Development, StringComparison.OrdinalIgnoreCase)
            || string.Equals(environment(CoreToolsVariable), "true", StringComparison.OrdinalIgnoreCase)
        ) && Array.TrueForAll(AzureVariables, name => string.IsNullOrEmpty(environment(name)));

    /// <summary>Four fifths of the timeout; one that is longer than ours, or none, leaves ours.</summary>
    private static TimeSpan DeadlineOf(string? timeout) =>
        0.8
        * (
            TimeSpan.TryParse(timeout, CultureInfo.InvariantCulture, out var set)
            && set > TimeSpan.Zero
            && set < FunctionTimeout
                ? set
                : FunctionTimeout
        );
}
