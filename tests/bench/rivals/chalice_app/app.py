from chalice import Chalice

app = Chalice(app_name="rival")


@app.route("/hello")
def hello():
    return {"hello": "world"}
