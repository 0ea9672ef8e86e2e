using Tributary.Binary;
using Tributary.Storage.Manifest;
using Tributary.Stores;

namespace Tributary.RemoteWrite.Sending;

/// <summary>Which log files destinations have still to take.</summary>
internal static class LogHolds
{
    /// <summary>Not those that were last written longer than a time ago: a destination that is gone holds nothing for ever.</summary>
    /// <param name="tables">Where the cursors are.</param>
    /// <param name="maxAge">The time, <c>tributary.remote_write.max_age</c>.</param>
    /// <param name="time">The clock of pauses.</param>
    /// <returns>What <see cref="GarbageOptions.Holds"/> wants; it throws when the cursors cannot be read.</returns>
    public static Func<DateTimeOffset, CancellationToken, Task<Func<PlannedLogFile, bool>>> Of(
        ITableStore tables,
        TimeSpan maxAge,
        TimeProvider time
    ) =>
        async (now, cancellationToken) =>
        {
            try
            {
                var cursors = await new CursorTable(tables, time).ReadAllAsync(cancellationToken);
                return file => file.Blob.LastModified + maxAge > now && cursors.Any(cursor => cursor.Wants(file));
            }
            catch (CorruptDataException exception)
            {
                throw new StoreException(StoreError.Unusable, exception.Message, exception);
            }
        };
}
