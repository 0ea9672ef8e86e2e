using Tributary.Model;

namespace Tributary.Storage.Blocks;

/// <summary>Where the files of a block lie.</summary>
internal static class BlockPaths
{
    /// <summary>What the names of all files of all our blocks begin with.</summary>
    public const string Container = "blocks/";

    /// <summary>The index.</summary>
    public const string Index = "index";

    /// <summary>The facts about the block; written last, so a block with it is whole.</summary>
    public const string Meta = "meta.json";

    /// <summary>Deleted ranges; may be absent.</summary>
    public const string Tombstones = "tombstones";

    /// <summary>The folder of the segments.</summary>
    public const string Chunks = "chunks/";

    /// <summary>What the names of a block's files begin with.</summary>
    public static string PrefixOf(Ulid ulid) => $"{Container}{ulid}/";
}
