namespace Tributary.Tests.EndToEnd.Hosting;

/// <summary>One instance of the host: which app, and what an operator or the platform decides about it.</summary>
internal sealed record HostOptions
{
    /// <summary>The published folder.</summary>
    public required string AppRoot { get; init; }

    /// <summary>The app's settings.</summary>
    public required IReadOnlyDictionary<string, string> Settings { get; init; }

    /// <summary>What it shares with the other instances of the app.</summary>
    public HostStorage Storage { get; init; } = new();

    /// <summary>Whether the host is new enough to pass requests on as a proxy.</summary>
    public bool KnowsProxying { get; init; } = true;

    /// <summary>Whether it runs in Azure, and not as a developer's <c>func start</c>.</summary>
    public bool IsAzure { get; init; }

    /// <summary>Which functions this instance runs; Flex Consumption has instances for HTTP, and for each timer others.</summary>
    public Func<FunctionJson, bool> Runs { get; init; } = _ => true;

    /// <summary>Whether timers fire by themselves; if not, only when a test calls them.</summary>
    public bool FiresTimers { get; init; } = true;

    /// <summary>How long the lock of a timer lasts without being renewed, and how often others ask for it.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(60);
}
