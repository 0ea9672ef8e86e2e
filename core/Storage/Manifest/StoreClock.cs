using Tributary.Stores;

namespace Tributary.Storage.Manifest;

/// <summary>The store's time: ages of stored things are taken from it, never from an instance's clock.</summary>
internal static class StoreClock
{
    private static readonly Dictionary<string, object> Tick = new(StringComparer.Ordinal) { ["n"] = 1L };

    /// <summary>The time of the store: what it stamps a row with that is written now. Two table operations.</summary>
    /// <exception cref="StoreException">The store cannot be used.</exception>
    public static async Task<DateTimeOffset> NowAsync(
        ITableStore tables,
        TimeProvider time,
        CancellationToken cancellationToken
    )
    {
        await StoreRetry.RunAsync(
            () =>
                tables.CommitAsync(
                    ManifestKeys.Table,
                    ManifestKeys.ClockPartition,
                    [new TableWrite(TableAction.Replace, ManifestKeys.ClockRow, Tick)],
                    cancellationToken
                ),
            time,
            cancellationToken
        );
        var row = await tables.GetAsync(
            ManifestKeys.Table,
            ManifestKeys.ClockPartition,
            ManifestKeys.ClockRow,
            cancellationToken
        );
        return row?.Timestamp
            ?? throw new StoreException(
                StoreError.NotFound,
                $"{RowBytes.PlaceOf(ManifestKeys.ClockPartition, ManifestKeys.ClockRow)}: a row written just now is not there"
            );
    }
}
