namespace Tributary.Stores;

/// <summary>The classes of operations that a storage account bills apart.</summary>
public enum OperationClass
{
    /// <summary>Blob: create, whole write, piece and commit of a staged write, append, seal.</summary>
    BlobWrite,

    /// <summary>Blob: list (billed like a write).</summary>
    BlobList,

    /// <summary>Blob: read a range, get properties.</summary>
    BlobRead,

    /// <summary>Blob: delete (free).</summary>
    BlobDelete,

    /// <summary>Blob: acquire, renew, release a lease.</summary>
    BlobLease,

    /// <summary>Table: insert, replace, delete, one per transaction.</summary>
    TableWrite,

    /// <summary>Table: point read, one per page of a query.</summary>
    TableRead,

    /// <summary>Container and table creation.</summary>
    Create,
}
