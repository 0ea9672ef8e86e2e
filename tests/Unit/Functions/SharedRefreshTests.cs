using Tributary.Functions.Serving;
using Tributary.Tests.Unit.Jobs;
using Tributary.Tests.Unit.Scraping;

namespace Tributary.Tests.Unit.Functions;

public sealed class SharedRefreshTests
{
    private static readonly TimeSpan FiveSeconds = TimeSpan.FromSeconds(5);
    private readonly ManualTime time = new(1_700_000_000_000);
    private readonly Queue<TaskCompletionSource<string?>> runs = new();
    private readonly SharedRefresh refresh;
    private int begun;

    public SharedRefreshTests() =>
        refresh = new SharedRefresh(
            () =>
            {
                Interlocked.Increment(ref begun);
                return runs.Dequeue().Task;
            },
            time
        );

    [Fact]
    public async Task Ensure_ManyAtOnce_ShareOneReadingAndYoungDataIsNotReadAgain()
    {
        var run = Next();
        var waiting = Enumerable.Range(0, 10).Select(_ => EnsureAsync()).ToList();
        await CollectPlace.UntilAsync(() => Volatile.Read(ref begun) == 1);
        Assert.Null(refresh.Age);
        run.SetResult(null);
        Assert.All(await Task.WhenAll(waiting), Assert.Null);
        time.Advance(FiveSeconds);
        Assert.Null(await EnsureAsync());
        Assert.Equal((1, FiveSeconds), (begun, refresh.Age));
        time.Advance(TimeSpan.FromMilliseconds(1));
        Next().SetResult(null);
        Assert.Null(await EnsureAsync());
        Assert.Equal((2, TimeSpan.Zero), (begun, refresh.Age));
    }

    [Fact]
    public async Task Ensure_LongReading_IsWaitedForNoLongerThanSaidAndIsCountedFromItsBegin()
    {
        var run = Next();
        var first = EnsureAsync();
        await CollectPlace.UntilAsync(() => Volatile.Read(ref begun) == 1);
        time.Advance(TimeSpan.FromSeconds(20));
        Assert.Equal("it takes longer than 20 s", await first);
        var second = EnsureAsync();
        run.SetResult(null);
        Assert.Null(await second);
        Assert.Equal((1, TimeSpan.FromSeconds(20)), (begun, refresh.Age));
    }

    [Fact]
    public async Task Ensure_Failure_IsToldToAllForAMomentAndThenTriedAgain()
    {
        Next().SetResult("no answer");
        Assert.Equal("no answer", await EnsureAsync());
        Assert.Equal("no answer", await EnsureAsync());
        Assert.Equal(1, begun);
        time.Advance(TimeSpan.FromSeconds(2));
        Next().SetResult(null);
        Assert.Null(await EnsureAsync());
        Assert.Equal(2, begun);
    }

    private TaskCompletionSource<string?> Next()
    {
        var run = new TaskCompletionSource<string?>(TaskCreationOptions.RunContinuationsAsynchronously);
        runs.Enqueue(run);
        return run;
    }

    private Task<string?> EnsureAsync() =>
        refresh.EnsureAsync(FiveSeconds, TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
}
