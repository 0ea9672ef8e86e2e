namespace Tributary.Discovery;

/// <summary>One discovery of a configuration: groups of targets that change while we run.</summary>
/// <remarks>One refresh at a time; what it found can be read at any time.</remarks>
public abstract class TargetProvider : IDisposable
{
    private volatile IReadOnlyList<TargetGroup> groups = [];
    private volatile IReadOnlyList<string> problems = [];

    private protected TargetProvider(TimeSpan interval) => Interval = interval;

    /// <summary>The kind of discovery, as Prometheus' metrics call it: <c>file</c> or <c>http</c> for instance.</summary>
    public abstract string Mechanism { get; }

    /// <summary>The time between two refreshes without a reason.</summary>
    public TimeSpan Interval { get; }

    /// <summary>What the last refresh that succeeded found; of a file that is broken now, what it had before.</summary>
    public IReadOnlyList<TargetGroup> Groups
    {
        get => groups;
        private protected set => groups = value;
    }

    /// <summary>What the last refresh could not do, without secrets; empty when it could.</summary>
    public IReadOnlyList<string> Problems
    {
        get => problems;
        private protected set => problems = value;
    }

    /// <summary>Refreshes, or reads of a file, that failed since the start.</summary>
    public long Failures { get; private protected set; }

    /// <summary>Looks again; whatever the outside does ends in <see cref="Groups"/> and <see cref="Problems"/>.</summary>
    /// <returns>Whether the groups changed.</returns>
    public abstract Task<bool> RefreshAsync(CancellationToken cancellationToken);

    /// <summary>Gives up what it holds; after the last refresh.</summary>
    public virtual void Dispose() => GC.SuppressFinalize(this);
}
