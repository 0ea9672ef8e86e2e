using Tributary.Stores;

namespace Tributary.Tests.Unit.Simulation;

/// <summary>One blob. Bytes below its length never change in place, so that a read keeps what it saw.</summary>
internal sealed class SimulatedBlob(string name, bool isAppend)
{
    private byte[] bytes = [];

    public string Name { get; } = name;

    public bool IsAppend { get; } = isAppend;

    public bool IsSealed { get; set; }

    public int Appends { get; private set; }

    public int Length { get; private set; }

    public string ETag { get; private set; } = "";

    public DateTimeOffset LastModified { get; private set; }

    public string? LeaseId { get; set; }

    public TimeSpan LeaseDuration { get; set; }

    public DateTimeOffset LeaseEnd { get; set; }

    public ReadOnlyMemory<byte> Content => bytes.AsMemory(0, Length);

    public void Changed(string etag, DateTimeOffset at)
    {
        ETag = etag;
        LastModified = at;
    }

    public void SetContent(byte[] content)
    {
        bytes = content;
        Length = content.Length;
    }

    public void Append(ReadOnlySpan<byte> content)
    {
        if (Length + content.Length > bytes.Length)
        {
            Array.Resize(ref bytes, Math.Max(Length + content.Length, Math.Max(256, bytes.Length * 2)));
        }
        content.CopyTo(bytes.AsSpan(Length));
        Length += content.Length;
        Appends++;
    }

    public bool IsLeased(DateTimeOffset now) => LeaseId is not null && now < LeaseEnd;

    public BlobInfo Info() => new(Name, Length, ETag, LastModified, IsSealed);
}
