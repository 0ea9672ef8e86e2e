using Tributary.PromQL.Evaluation;
using Tributary.Rules;
using Tributary.Storage.AppendLog;
using Tributary.Storage.Head;
using Tributary.Storage.Ledger;
using Tributary.Stores;

namespace Tributary.Jobs;

/// <summary>What evaluating rules needs of its process.</summary>
internal sealed record EvaluateParts
{
    /// <summary>Puts batches into the log.</summary>
    public required LogWriter Writer { get; init; }

    /// <summary>The head, and which batches there are.</summary>
    public required RecentLog Recent { get; init; }

    /// <summary>Where the rows of groups are.</summary>
    public required ITableStore Tables { get; init; }

    /// <summary>Answers queries over what is stored; asked for at each evaluation.</summary>
    public required Func<QueryEngine> Queries { get; init; }

    /// <summary>Reads on in the log; what is read of groups comes by <see cref="EvaluateJob.Take"/> before it returns.</summary>
    public required Func<CancellationToken, Task> ReadOn { get; init; }

    /// <summary>How long ago the log was read, by whomever in this process; null when it was not.</summary>
    public Func<TimeSpan?> ReadAge { get; init; } = () => null;

    /// <summary>How complete the sources are.</summary>
    public Func<IReadOnlyList<SourceCompleteness>> Sources { get; init; } = () => [];

    /// <summary>Sends alerts to those who are to know; a process that was killed behind it may send them again.</summary>
    public Func<IReadOnlyList<FiringAlert>, CancellationToken, Task> Notify { get; init; } =
        (_, _) => Task.CompletedTask;
}
