namespace Tributary.Discovery;

/// <summary>A discovery that finds all its targets at every refresh, or none: after an error the old ones stay.</summary>
public abstract class PolledDiscovery : TargetProvider
{
    /// <summary>The longest refresh: a function that waits for it has not much longer itself.</summary>
    private static readonly TimeSpan MaxRefresh = TimeSpan.FromMinutes(2);

    /// <summary>However long a server wants to be left alone.</summary>
    private static readonly TimeSpan MaxRest = TimeSpan.FromHours(1);

    private readonly TimeProvider time;
    private DateTimeOffset notBefore = DateTimeOffset.MinValue;

    private protected PolledDiscovery(TimeSpan interval, TimeProvider time)
        : base(interval) => this.time = time;

    /// <inheritdoc/>
    public sealed override async Task<bool> RefreshAsync(CancellationToken cancellationToken)
    {
        if (time.GetUtcNow() < notBefore)
        {
            return false;
        }
        try
        {
            var (groups, notes) = await FindInTimeAsync(cancellationToken);
            Problems = [.. notes.Select(note => $"{Mechanism}_sd: {note}")];
            if (TargetGroup.AreSame(groups, Groups))
            {
                return false;
            }
            Groups = groups;
            return true;
        }
        catch (DiscoveryException problem)
        {
            Failures++;
            var rest = problem.RetryAfter ?? TimeSpan.Zero;
            notBefore = time.GetUtcNow() + (rest < MaxRest ? rest : MaxRest);
            var kept = Groups.Count > 0 ? "; its former targets are kept" : "";
            Problems = [$"{Mechanism}_sd: {problem.Message}{kept}"];
            return false;
        }
    }

    /// <summary>Finds all targets.</summary>
    /// <returns>The groups, always in the same order, and what an operator should know of them.</returns>
    /// <exception cref="DiscoveryException">They are not to be had.</exception>
    private protected abstract Task<(IReadOnlyList<TargetGroup> Groups, IReadOnlyList<string> Notes)> FindAsync(
        CancellationToken cancellationToken
    );

    private async Task<(IReadOnlyList<TargetGroup> Groups, IReadOnlyList<string> Notes)> FindInTimeAsync(
        CancellationToken cancellationToken
    )
    {
        using var timer = new CancellationTokenSource(MaxRefresh, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        try
        {
            return await FindAsync(both.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new DiscoveryException($"not all targets were listed within {MaxRefresh.TotalMinutes} minutes");
        }
    }
}
