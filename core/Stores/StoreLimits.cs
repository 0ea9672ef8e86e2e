namespace Tributary.Stores;

/// <summary>Bounds that hold on every store, because they hold on Azure Storage.</summary>
public static class StoreLimits
{
    /// <summary>The longest append, in bytes (4 MiB holds for every version of the service).</summary>
    public const int AppendBytes = 4 * 1024 * 1024;

    /// <summary>Bytes of one piece of a staged write; all but the last piece have exactly as many.</summary>
    public const int PieceBytes = 4 * 1024 * 1024;

    /// <summary>Pieces of one staged write.</summary>
    public const int PiecesPerBlob = 50_000;

    /// <summary>Appends to one blob.</summary>
    public const int AppendsPerBlob = 50_000;

    /// <summary>Rows in one table transaction.</summary>
    public const int RowsPerTransaction = 100;

    /// <summary>Bytes of one table transaction.</summary>
    public const int BytesPerTransaction = 4 * 1024 * 1024;

    /// <summary>Bytes of one text or binary property of a row: 64 KiB; texts count two bytes a UTF-16 unit.</summary>
    public const int BytesPerProperty = 64 * 1024;

    /// <summary>What is wrong with a piece of a staged write, or null.</summary>
    public static string? ProblemOfPiece(long offsetBytes, int lengthBytes) =>
        offsetBytes < 0 || offsetBytes % PieceBytes != 0 || offsetBytes / PieceBytes >= PiecesPerBlob
            ? $"a piece at {offsetBytes}; pieces begin at multiples of {PieceBytes}, and there are at most {PiecesPerBlob}"
        : lengthBytes is 0 or > PieceBytes ? $"a piece of {lengthBytes} bytes; pieces have 1 to {PieceBytes}"
        : null;
}
