using System.Globalization;

namespace Tributary.Storage.Blocks;

/// <summary>The fixed parts of a chunk segment; <c>docs/formats/chunk-segments.md</c>.</summary>
internal static class SegmentFormat
{
    /// <summary>The first four bytes.</summary>
    public const uint Magic = 0x85BD40DD;

    /// <summary>The only version.</summary>
    public const byte Version = 1;

    /// <summary>Bytes before the first chunk: magic, version, padding.</summary>
    public const int HeaderBytes = 8;

    /// <summary>Bytes of the largest segment that is written.</summary>
    public const long MaxBytes = 512L * 1024 * 1024;

    /// <summary>Bytes of the largest chunk that is written or read.</summary>
    public const int MaxChunkBytes = 16 * 1024 * 1024;

    /// <summary>The path of a segment in its block.</summary>
    /// <param name="segment">Its number, from 0.</param>
    public static string PathOf(int segment) => "chunks/" + (segment + 1).ToString("D6", CultureInfo.InvariantCulture);
}
