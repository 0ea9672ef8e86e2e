using System.Buffers.Binary;
using System.Text;
using Azure.Core;

namespace Tributary.Stores.Azure;

/// <summary>Large whole writes: Put Block for each piece, then Put Block List.</summary>
public sealed partial class AzureBlobStore
{
    /// <inheritdoc/>
    public async Task StageAsync(
        string name,
        ulong upload,
        long offsetBytes,
        ReadOnlyMemory<byte> content,
        CancellationToken cancellationToken
    )
    {
        if (StoreLimits.ProblemOfPiece(offsetBytes, content.Length) is { } problem)
        {
            throw AzureNames.Rejected($"'{name}': {problem}");
        }
        var operation = $"staging of '{name}'";
        var block = Uri.EscapeDataString(BlockId(upload, offsetBytes, content.Length));
        var path = $"/{name}?comp=block&blockid={block}";
        using var message = await SendCreatingAsync(
            name,
            operation,
            // The same block twice is once: a repetition is harmless.
            () => client.Write(OperationClass.BlobWrite, RequestMethod.Put, path, content, isRepeatable: true),
            cancellationToken
        );
        if (message.Response.Status != 201)
        {
            throw Refused(operation, message.Response);
        }
    }

    /// <inheritdoc/>
    public async Task<BlobInfo> CommitStagedAsync(
        string name,
        ulong upload,
        long lengthBytes,
        WriteCondition condition,
        CancellationToken cancellationToken
    )
    {
        AzureNames.Container(name);
        const long most = (long)StoreLimits.PieceBytes * StoreLimits.PiecesPerBlob;
        if (lengthBytes is <= 0 or > most)
        {
            throw AzureNames.Rejected($"'{name}': {lengthBytes} staged bytes; there must be 1 to {most}");
        }
        var operation = $"write of '{name}'";
        var list = BlockList(upload, lengthBytes);
        using var message = client.Write(OperationClass.BlobWrite, RequestMethod.Put, $"/{name}?comp=blocklist", list);
        message.Request.Headers.SetValue("Content-Type", "application/xml");
        message.Request.Headers.SetValue("x-ms-blob-content-type", "application/octet-stream");
        SetConditions(message.Request.Headers, condition);
        var response = await client.SendAsync(message, operation, cancellationToken);
        return response.Status == 201
            ? Info(name, operation, response, lengthBytes)
            : throw RefusedWrite(operation, response, condition);
    }

    /// <summary>A piece's name: equally long for all, and another when its place or length is another.</summary>
    private static string BlockId(ulong upload, long offsetBytes, int lengthBytes)
    {
        Span<byte> id = stackalloc byte[20];
        BinaryPrimitives.WriteUInt64BigEndian(id, upload);
        BinaryPrimitives.WriteInt64BigEndian(id[8..], offsetBytes);
        BinaryPrimitives.WriteInt32BigEndian(id[16..], lengthBytes);
        return Convert.ToBase64String(id);
    }

    private static byte[] BlockList(ulong upload, long lengthBytes)
    {
        var xml = new StringBuilder("<?xml version=\"1.0\" encoding=\"utf-8\"?><BlockList>");
        for (var offset = 0L; offset < lengthBytes; offset += StoreLimits.PieceBytes)
        {
            var length = (int)Math.Min(StoreLimits.PieceBytes, lengthBytes - offset);
            xml.Append("<Latest>").Append(BlockId(upload, offset, length)).Append("</Latest>");
        }
        return Encoding.UTF8.GetBytes(xml.Append("</BlockList>").ToString());
    }
}
