using System.Globalization;
using System.Xml;

namespace Tributary.Stores.Azure;

/// <summary>Reads the XML of a list of blobs or of containers.</summary>
/// <remarks>https://learn.microsoft.com/rest/api/storageservices/list-blobs</remarks>
internal static class BlobListReader
{
    private const string Root = "EnumerationResults";

    public static XmlReaderSettings XmlSettings { get; } =
        new()
        {
            DtdProcessing = DtdProcessing.Prohibit,
            XmlResolver = null,
            CloseInput = true,
        };

    /// <exception cref="XmlException">Not a list.</exception>
    /// <exception cref="FormatException">A length or time cannot be read.</exception>
    public static ListPage<BlobInfo> Blobs(Stream xml, string container)
    {
        var items = new List<BlobInfo>();
        var marker = Read(xml, "Blob", fields => items.Add(Blob(container, fields)));
        return new ListPage<BlobInfo>(items, marker);
    }

    /// <exception cref="XmlException">Not a list.</exception>
    public static ListPage<string> Containers(Stream xml)
    {
        var items = new List<string>();
        var marker = Read(xml, "Container", fields => items.Add(Field(fields, "Name")));
        return new ListPage<string>(items, marker);
    }

    private static BlobInfo Blob(string container, Dictionary<string, string> fields) =>
        new(
            container + "/" + Field(fields, "Name"),
            long.Parse(Field(fields, "Content-Length"), NumberStyles.None, CultureInfo.InvariantCulture),
            Field(fields, "Etag").Trim('"'),
            DateTimeOffset.Parse(
                Field(fields, "Last-Modified"),
                CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal
            ),
            fields.TryGetValue("Sealed", out var isSealed) && isSealed == "true"
        );

    private static string Field(Dictionary<string, string> fields, string name) =>
        fields.TryGetValue(name, out var value) ? value : throw new XmlException($"a list entry without {name}");

    /// <summary>Gives the text elements of each item, its <c>Properties</c> included, by name.</summary>
    private static string? Read(Stream xml, string item, Action<Dictionary<string, string>> onItem)
    {
        using var reader = XmlReader.Create(xml, XmlSettings);
        var fields = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        var element = "";
        string? marker = null;
        var isInItem = false;
        // Whoever else answers with well-formed XML, such as a portal on the way, has not said that there is nothing.
        if (reader.MoveToContent() != XmlNodeType.Element || reader.LocalName != Root)
        {
            throw new XmlException($"'{reader.Name}' is not '{Root}'");
        }
        while (reader.Read())
        {
            switch (reader.NodeType)
            {
                case XmlNodeType.Element:
                    element = reader.Name;
                    if (element == item && reader.Depth == 2)
                    {
                        fields.Clear();
                        isInItem = true;
                    }
                    break;
                case XmlNodeType.Text or XmlNodeType.CDATA or XmlNodeType.SignificantWhitespace when isInItem:
                    fields.TryAdd(element, reader.Value);
                    break;
                case XmlNodeType.Text when element == "NextMarker":
                    marker = reader.Value;
                    break;
                case XmlNodeType.EndElement when reader.Name == item && reader.Depth == 2:
                    isInItem = false;
                    onItem(fields);
                    break;
            }
        }
        return string.IsNullOrEmpty(marker) ? null : marker;
    }
}
