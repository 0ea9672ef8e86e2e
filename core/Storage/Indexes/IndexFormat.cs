namespace Tributary.Storage.Indexes;

/// <summary>The fixed parts of a block's index; <c>docs/formats/index.md</c>.</summary>
internal static class IndexFormat
{
    /// <summary>The first four bytes.</summary>
    public const uint Magic = 0xBAAAD700;

    /// <summary>Series are named by their offset, symbols by theirs.</summary>
    public const byte Version1 = 1;

    /// <summary>Series are named by a sixteenth of their offset, symbols by their number.</summary>
    public const byte Version2 = 2;

    /// <summary>Bytes of magic and version.</summary>
    public const int HeaderBytes = 5;

    /// <summary>Bytes of the table of contents, its checksum included.</summary>
    public const int TocBytes = (6 * sizeof(ulong)) + sizeof(uint);

    /// <summary>Series begin at multiples of this.</summary>
    public const int SeriesAlignment = 16;

    /// <summary>Postings lists begin at multiples of this.</summary>
    public const int PostingsAlignment = 4;

    /// <summary>The largest file that series references reach into: 64 GiB.</summary>
    public const long MaxFileBytes = SeriesAlignment * (long)uint.MaxValue;

    /// <summary>Bytes of the largest symbol that is written or read.</summary>
    public const int MaxSymbolBytes = 16 * 1024 * 1024;

    /// <summary>Bytes of the largest entry of one series that is read.</summary>
    public const int MaxSeriesBytes = 64 * 1024 * 1024;

    /// <summary>Of the sorted tables every so manyth entry is remembered.</summary>
    public const int SampleEvery = 32;
}
