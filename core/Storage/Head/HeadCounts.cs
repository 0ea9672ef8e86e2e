namespace Tributary.Storage.Head;

/// <summary>What the head holds, and what it has met since it was made.</summary>
/// <param name="Series">Series now.</param>
/// <param name="Chunks">Chunks now.</param>
/// <param name="Bytes">Bytes of the chunks now.</param>
/// <param name="Samples">Samples met.</param>
/// <param name="Late">Samples that came after a newer one of their series.</param>
/// <param name="Conflicts">Samples that met another value at their time.</param>
/// <param name="NewestMs">The newest sample time, or null without any.</param>
public readonly record struct HeadCounts(
    int Series,
    long Chunks,
    long Bytes,
    long Samples,
    long Late,
    long Conflicts,
    long? NewestMs
);
