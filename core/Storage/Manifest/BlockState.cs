namespace Tributary.Storage.Manifest;

/// <summary>What a block's row says of it.</summary>
public enum BlockState
{
    /// <summary>Being written; nobody reads it. It becomes <see cref="Live"/> by a commit, or garbage.</summary>
    Pending = 1,

    /// <summary>Its samples count.</summary>
    Live = 2,

    /// <summary>Replaced, retained away or given up; its files go after the deletion delay.</summary>
    Deleted = 3,

    /// <summary>Found corrupt: left out of every answer until it is released, kept until retention.</summary>
    Quarantined = 4,
}
