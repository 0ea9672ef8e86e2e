using System.Collections.Concurrent;
using Tributary.PromQL.Values;

namespace Tributary.PromQL.Columns;

/// <summary>What the parts of one running query share. Safe for several threads.</summary>
internal sealed class QueryRun
{
    private readonly ConcurrentBag<Workspace> workspaces = [];

    /// <summary>Takes warnings and infos.</summary>
    public required AnnotationSet Annotations { get; init; }

    /// <summary>What it may hold in memory.</summary>
    public required QueryBudget Budget { get; init; }

    /// <summary>Ends it: timeout, or a client that went away.</summary>
    public required CancellationToken Stop { get; init; }

    /// <summary>How many threads it may use.</summary>
    public int Parallelism { get; init; } = 1;

    /// <summary>Threads beside the own ones, of all queries together; null for as many as each may use.</summary>
    public SemaphoreSlim? Helpers { get; init; }

    /// <summary>Whether metric names go at the end.</summary>
    public bool DelaysNameRemoval { get; init; }

    /// <summary>Counts samples that are looked at; null when nobody asks.</summary>
    public SampleCounter? Counter { get; init; }

    /// <summary>Ends the query if it has to end.</summary>
    /// <exception cref="OperationCanceledException">It has to.</exception>
    public void Check() => Stop.ThrowIfCancellationRequested();

    /// <summary>Does work on items in batches, several at once. Items of a batch go in order.</summary>
    /// <remarks>
    /// Batches are begun in order, so that what the first failing one throws is the same on any number of threads.
    /// </remarks>
    /// <param name="count">How many items there are.</param>
    /// <param name="batchSize">Items of one batch.</param>
    /// <param name="work">Gets a workspace of its own, the first item, and the one behind the last.</param>
    public void ForBatches(int count, int batchSize, Action<Workspace, int, int> work)
    {
        var batches = (count + batchSize - 1) / batchSize;
        var helpers = TakeHelpers(Math.Min(Parallelism, batches) - 1);
        if (helpers == 0)
        {
            for (var from = 0; from < count; from += batchSize)
            {
                RunBatch(work, from, Math.Min(from + batchSize, count));
            }
            return;
        }
        try
        {
            RunParallel(count, batchSize, 1 + helpers, work);
        }
        finally
        {
            Helpers?.Release(helpers);
        }
    }

    /// <summary>Those that are free: whoever finds none goes on alone, so that no query holds all threads of the process.</summary>
    private int TakeHelpers(int wanted)
    {
        var taken = 0;
        while (taken < wanted && (Helpers is null || Helpers.Wait(0, CancellationToken.None)))
        {
            taken++;
        }
        return taken;
    }

    private void RunParallel(int count, int batchSize, int threads, Action<Workspace, int, int> work)
    {
        var batches = (count + batchSize - 1) / batchSize;
        var next = -1;
        var failures = new ConcurrentDictionary<int, Exception>();
        Parallel.For(
            0,
            threads,
            new ParallelOptions { MaxDegreeOfParallelism = threads },
            _ =>
            {
                while (failures.IsEmpty)
                {
                    var batch = Interlocked.Increment(ref next);
                    if (batch >= batches)
                    {
                        return;
                    }
                    try
                    {
                        RunBatch(work, batch * batchSize, Math.Min((batch + 1) * batchSize, count));
                    }
                    catch (Exception e)
                    {
                        // Thrown again below: the first batch's counts, whichever thread was faster.
                        failures[batch] = e;
                    }
                }
            }
        );
        if (!failures.IsEmpty)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failures.MinBy(failure => failure.Key).Value);
        }
    }

    private void RunBatch(Action<Workspace, int, int> work, int from, int to)
    {
        Check();
        var workspace = workspaces.TryTake(out var free) ? free : new Workspace(Budget);
        work(workspace, from, to);
        workspaces.Add(workspace);
    }
}
