require "socket"

server = TCPServer.new("0.0.0.0", ENV.fetch("PORT"))
loop do
  client = server.accept
  client.readpartial(1024) rescue nil
  client.write("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nHello from ruby\n") rescue nil
  client.close
end
