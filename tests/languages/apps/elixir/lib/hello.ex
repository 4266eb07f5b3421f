defmodule Hello do
  use Application

  def start(_type, _arguments) do
    port = System.fetch_env!("PORT") |> String.to_integer()
    {:ok, socket} = :gen_tcp.listen(port, [:binary, active: false, reuseaddr: true])
    Task.start_link(fn -> serve(socket) end)
  end

  defp serve(socket) do
    {:ok, client} = :gen_tcp.accept(socket)
    :gen_tcp.recv(client, 0, 1000)
    :gen_tcp.send(client, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nHello from elixir\n")
    :gen_tcp.close(client)
    serve(socket)
  end
end
