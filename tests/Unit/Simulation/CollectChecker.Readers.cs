using Tributary.Model;
using Tributary.Storage.AppendLog;
using Tributary.Storage.Head;

namespace Tributary.Tests.Unit.Simulation;

/// <summary>Readers: whoever reads the log, in whatever order and pieces, finds the same, again and again.</summary>
internal sealed partial class CollectChecker
{
    private async Task ReadersAsync()
    {
        var instance = world.NewInstance(FaultPolicy.None);
        await instance.RunAsync(async () =>
        {
            var fresh = new RecentLog(scenario.Plant.Reading(instance), new SeriesTable(), writer: null, instance.Time);
            await fresh.LoadAsync(onBatch: null, CancellationToken.None);
            fresh.LoadHistory();
            Compare("a fresh reader", fresh);
            await fresh.RefreshAsync(onBatch: null, CancellationToken.None);
            Compare("a fresh reader, again", fresh);
            await ReadBackwardsAsync(instance);
        });
        scenario.FollowerInstance.Faults = FaultPolicy.None;
        await scenario.FollowerInstance.RunAsync(async () =>
        {
            await scenario.Follower.RefreshAsync(onBatch: null, CancellationToken.None);
            Compare("the reader", scenario.Follower);
        });
        foreach (var process in scenario.Processes)
        {
            await process.Instance.RunAsync(async () =>
            {
                await process.ReadToEndAsync();
                Compare(process.Instance.Name, process.Recent);
            });
        }
    }

    /// <summary>The files in the opposite order: the same samples.</summary>
    private async Task ReadBackwardsAsync(SimulatedInstance instance)
    {
        var follower = new LogFollower(scenario.Plant.Reading(instance), new SeriesTable());
        var nowMs = instance.Time.GetUtcNow().ToUnixTimeMilliseconds();
        List<Window> windows =
        [
            new(Window.Of(nowMs).StartMs - Window.LengthMs),
            Window.Of(nowMs),
            new(Window.Of(nowMs).EndMs),
        ];
        var found = await follower.ReadOnAsync(windows, _ => false, CancellationToken.None);
        var head = new RecentHead();
        var ledger = new BatchLedger();
        var backwards = found.Reverse().ToList();
        foreach (var part in backwards.SelectMany(file => file.Parts))
        {
            ledger.Offer(part);
        }
        if (scenario.Plant.ReadsFilesApart)
        {
            foreach (var file in backwards)
            {
                var alone = new BatchLedger();
                foreach (var part in file.Parts)
                {
                    alone.Offer(part);
                }
                new LogReplay([file], alone, long.MinValue).Recent(head, onBatch: null);
            }
        }
        else
        {
            new LogReplay(backwards, ledger, long.MinValue).Recent(head, onBatch: null);
        }
        Compare("backwards", head.Select(All, Ever), head.SelectLatest(All, Ever));
    }

    private void Compare(string who, RecentLog log) => Compare(who, log.Select(All, Ever), log.SelectLatest(All, Ever));

    private void Compare(string who, IReadOnlyList<SelectedSeries> selected, IReadOnlyList<LatestSample> latest)
    {
        Require(
            selected.Count == oracle.Samples.Count,
            $"differs: {who} has {selected.Count} series, the log {oracle.Samples.Count}"
                + $", with {oracle.Samples.Keys.FirstOrDefault(one => !selected.Any(series => series.Labels.Equals(one)))}"
        );
        var ends = latest.ToDictionary(sample => sample.Labels);
        foreach (var series in selected)
        {
            Require(oracle.Samples.TryGetValue(series.Labels, out var wanted), $"differs: {who} has {series.Labels}");
            Require(
                series.Samples.Count == wanted!.Count,
                $"differs: {who} has {series.Samples.Count} samples of {series.Labels}, the log {wanted.Count}"
            );
            for (var i = 0; i < wanted.Count; i++)
            {
                var (found, at, value) = (series.Samples[i], wanted.GetKeyAtIndex(i), wanted.GetValueAtIndex(i));
                Require(
                    found.TimestampMs == at && Same(found.Value, value),
                    $"differs: {who} has {series.Labels} {found}, the log {value} at {at}"
                );
            }
            var last = wanted.GetValueAtIndex(wanted.Count - 1);
            Require(
                StaleMarker.IsStale(last)
                    ? !ends.ContainsKey(series.Labels)
                    : ends.TryGetValue(series.Labels, out var end)
                        && end.TimestampMs == wanted.GetKeyAtIndex(wanted.Count - 1)
                        && Same(end.Value, last),
                $"differs: {who} has another latest sample of {series.Labels} than {last}"
            );
        }
    }

    private static bool Same(double left, double right) =>
        BitConverter.DoubleToInt64Bits(left) == BitConverter.DoubleToInt64Bits(right);
}
