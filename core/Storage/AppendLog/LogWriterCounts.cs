namespace Tributary.Storage.AppendLog;

/// <summary>What a writer has done since it was made.</summary>
/// <param name="Samples">Samples acknowledged.</param>
/// <param name="Bytes">Bytes acknowledged.</param>
/// <param name="Appends">Appends acknowledged.</param>
/// <param name="Files">Files opened.</param>
/// <param name="Retries">Appends tried again after an unknown outcome or a throttled one.</param>
/// <param name="LostPlaces">Files left because the place at their end was lost.</param>
public readonly record struct LogWriterCounts(
    long Samples,
    long Bytes,
    long Appends,
    long Files,
    long Retries,
    long LostPlaces
);
